import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.audio import AudioIndex
from mtser.corpora import Corpus, Word, read_iemocap, read_manifest
from tests.corpora.iemocap_writer import IemocapWriter


def reasons(corpus: Corpus) -> dict[str, str]:
    return {skipped.utterance: skipped.reason for skipped in corpus.skipped}


def read(writer: IemocapWriter, index: AudioIndex, **options: object) -> Corpus:
    return read_iemocap(writer.root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def test_everything_that_is_known_of_an_utterance(iemocap: IemocapWriter, index: AudioIndex) -> None:
    ballots = (("Excited",), ("Happiness", "Frustration"), ("Neutral state",))
    iemocap.add("Ses02F_script01_3_M007", "exc", text="Oh: [so] no!", vad="2.5, , 3.25", ballots=ballots)
    corpus = read(iemocap, index)
    (utterance,) = corpus.utterances
    assert corpus.name == "iemocap" and corpus.root == iemocap.root and not corpus.skipped
    assert corpus.classes == ("angry", "happy", "sad", "neutral")
    assert utterance.wav == "Session2/sentences/wav/Ses02F_script01_3/Ses02F_script01_3_M007.wav"
    assert (utterance.duration, utterance.emotion, utterance.text) == (1.0, "happy", "Oh: [so] no!")
    assert (utterance.speaker, utterance.session, utterance.dialog) == ("2M", "2", "Ses02F_script01_3")
    assert utterance.style == "scripted"
    assert utterance.vad == (2.5, None, 3.25)
    assert utterance.votes == pytest.approx({"angry": 0, "happy": 1.5 / 2.5, "sad": 0, "neutral": 1 / 2.5})
    assert utterance.words == (Word("OH", 0.1, 0.3), Word("NO", 0.4, 0.8))  # last frames are inclusive


def test_labels_outside_the_classes_are_listed(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add("Ses01F_impro01_F000", "neu")
    iemocap.add("Ses01F_impro01_F001", "xxx", rows=None, suffix=None)
    iemocap.add("Ses01F_impro01_F002", "fru")
    iemocap.add("Ses01F_impro01_F003", "joy")
    corpus = read(iemocap, index)
    assert [utterance.id for utterance in corpus.utterances] == ["Ses01F_impro01_F000"]
    assert [(one.utterance[-1], one.reason, one.detail) for one in corpus.skipped] == [
        ("1", "label not among the classes", "xxx"),
        ("2", "label not among the classes", "fru"),
        ("3", "unknown label joy", "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:27"),
    ]


@pytest.mark.parametrize(
    "label_map, classes, emotions",
    [
        ({"hap": "happy", "neu": "neutral"}, ("happy", "neutral"), ["happy", "neutral"]),
        (
            {"fru": "frustrated", "neu": "neutral", "hap": "happy", "exc": "happy"},
            ("frustrated", "neutral", "happy"),
            ["frustrated", "happy", "happy", "neutral"],
        ),
        ({"xxx": "unclear"}, ("unclear",), ["unclear"]),
    ],
)
def test_any_map_of_labels(
    iemocap: IemocapWriter, index: AudioIndex, label_map: dict[str, str], classes: tuple[str, ...], emotions: list[str]
) -> None:
    for number, label in enumerate(["neu", "exc", "hap", "fru", "xxx"]):
        iemocap.add(f"Ses01F_impro01_F00{number}", label)
    corpus = read(iemocap, index, label_map=label_map)
    assert corpus.classes == classes
    assert sorted(utterance.emotion for utterance in corpus.utterances) == emotions
    assert len(corpus.skipped) == 5 - len(emotions)
    assert read(iemocap, index, label_map=label_map, classes=classes[::-1]).classes == classes[::-1]


def write_a_dialog(writer: IemocapWriter) -> None:
    """Write two turns of a class, and of six others the two that can be context."""
    writer.add("Ses01F_impro01_F000", "neu", start=1.0)
    writer.add("Ses01F_impro01_M000", "xxx", start=4.25, text="What?", ballots=(("Anger",),))
    writer.add("Ses01F_impro01_F001", "joy", start=7.0)
    writer.add("Ses01F_impro01_M001", "sad", start=9.5)
    writer.add("Ses01F_impro01_M002", "fru", start=11.0, suffix=None)
    writer.add("Ses01F_impro01_M003", "fru", start=12.0, rows=None)
    writer.add("Ses01F_impro01_M004", "fru", start=13.0, rows=[(5, 1, "OH")])
    writer.add("Ses01F_impro02_M000", "fru", start=1.0)  # nobody of a class speaks in this dialog


def test_turns_of_no_class_are_context_for_who_asks(iemocap: IemocapWriter, index: AudioIndex) -> None:
    write_a_dialog(iemocap)
    corpus = read(iemocap, index)
    assert [(one.id[-4:], one.start) for one in corpus.utterances] == [("F000", 1.0), ("M001", 9.5)]
    assert not corpus.context
    whole = corpus.with_context()
    assert [(one.id[-4:], one.start) for one in whole.context] == [("F001", 7.0), ("M000", 4.25)]
    (_, turn) = whole.context
    assert (turn.emotion, turn.votes, turn.vad) == ("", None, None)  # no label ever leaves the reader
    assert (turn.text, turn.speaker, turn.dialog, turn.duration) == ("What?", "1M", "Ses01F_impro01", 1.0)
    assert turn.words == (Word("OH", 0.1, 0.3), Word("NO", 0.4, 0.8))
    assert whole.with_context() == whole and whole.skipped == corpus.skipped and len(whole.skipped) == 6
    assert whole.manifest == corpus.manifest


def test_context_costs_nothing_unless_it_is_asked_for(
    iemocap: IemocapWriter, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_a_dialog(iemocap)
    asked: list[str] = []
    inspect = AudioIndex.inspect

    def watched(self: AudioIndex, paths: dict[str, Path], **options: bool) -> dict:
        asked.extend(paths)
        return inspect(self, paths, **options)

    monkeypatch.setattr(AudioIndex, "inspect", watched)
    corpus = read(iemocap, index)
    assert sorted(asked) == [one.id for one in corpus.utterances]
    corpus.with_context()
    assert "Ses01F_impro01_M000" in asked


@pytest.mark.parametrize("suffix", [".flac", ".WAV", ".FLAC"])
def test_audio_of_another_suffix(iemocap: IemocapWriter, index: AudioIndex, suffix: str) -> None:
    id = iemocap.add("Ses01F_impro01_F000", suffix=suffix)
    (utterance,) = read(iemocap, index).utterances
    assert utterance.wav.endswith(f"/{id}{suffix}")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_text_of_another_system(tmp_path: Path, index: AudioIndex, encoding: str, newline: str) -> None:
    writer = IemocapWriter(tmp_path / "corpus", encoding, newline)
    ids = [writer.add(f"Ses01F_impro01_F00{n}", text="Café, “no”?" if "1" not in encoding else "Café?") for n in "01"]
    corpus = read(writer, index)
    assert [utterance.id for utterance in corpus.utterances] == ids
    assert {utterance.text.strip("?”") for utterance in corpus.utterances} <= {"Café", "Café, “no"}
    assert {len(utterance.words) for utterance in corpus.utterances} == {2}


def test_twins_of_macos_are_not_read(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add("Ses01F_impro01_F000")
    before = read(iemocap, index).manifest
    for file in [path for path in iemocap.root.rglob("*") if path.is_file()]:
        file.with_name(f"._{file.name}").write_bytes(b"\x00\x05\x16\x07[1 - 2]\tSes01F_impro01_F000\tang\n")
    (iemocap.root / "._Session2").write_bytes(b"\x00\x05\x16\x07")
    corpus = read(iemocap, index)
    assert corpus.manifest == before and not corpus.skipped


def test_turns_without_annotation_are_no_utterances(iemocap: IemocapWriter, index: AudioIndex) -> None:
    id = iemocap.add("Ses01F_impro01_F000", text="One.")
    iemocap.append(
        iemocap.transcription(id), "Ses01F_impro01_MXX0 [1-2]: Two.\nM: sorry\nSes01F_impro01_F000 [1-2]: Other.\n"
    )
    corpus = read(iemocap, index)
    assert [utterance.text for utterance in corpus.utterances] == ["One."]
    assert corpus.warnings[0].startswith("Session1 has 1 second transcripts")


def test_tags_are_words_on_demand(iemocap: IemocapWriter, index: AudioIndex) -> None:
    rows = [(0, 9, "<s>"), (10, 19, "++LAUGHTER++"), (20, 29, "THE(3)"), (30, 39, "++GARBAGE++")]
    iemocap.add("Ses01F_impro01_F000", rows=rows)
    iemocap.add("Ses01F_impro01_F001", rows=rows[:2])
    dropped, kept = read(iemocap, index), read(iemocap, index, non_speech="keep")
    assert [[word.word for word in one.words] for one in dropped.utterances] == [["THE"]]
    assert reasons(dropped) == {"Ses01F_impro01_F001": "no words in the alignment"}
    assert [[word.word for word in one.words] for one in kept.utterances] == [
        ["++LAUGHTER++", "THE", "++GARBAGE++"],
        ["++LAUGHTER++"],
    ]


def test_utterances_without_alignment_are_shared_out_on_demand(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add("Ses01F_impro01_F000", rows=None, text="Oh, [LAUGHTER] no!", seconds=2.0)
    iemocap.add("Ses01F_impro01_F001", rows=(), text="Well.")
    iemocap.add("Ses01F_impro01_F002", rows=None, text=None)
    damaged = iemocap.add("Ses01F_impro01_F003", rows=[(5, 1, "OH")])
    iemocap.add("Ses01F_impro01_F004")
    assert reasons(read(iemocap, index)) == {
        "Ses01F_impro01_F000": "no alignment",
        "Ses01F_impro01_F001": "empty alignment",
        "Ses01F_impro01_F002": "no alignment",
        damaged: "alignment rows run backwards",
    }
    even = read(iemocap, index, unaligned="even")
    assert even.utterances[0].words == (Word("OH", 0.0, 1.0), Word("NO", 1.0, 2.0))
    assert even.utterances[1].words == (Word("WELL", 0.0, 1.0),)
    assert reasons(even) == {
        "Ses01F_impro01_F002": "neither alignment nor transcript",
        damaged: "alignment rows run backwards",
    }


@pytest.mark.parametrize("text", [None, ""])
def test_a_missing_transcript_is_made_of_the_alignment(
    iemocap: IemocapWriter, index: AudioIndex, text: str | None
) -> None:
    iemocap.add("Ses01F_impro01_F000", text=text)
    corpus = read(iemocap, index)
    assert corpus.utterances[0].text == "OH NO"
    assert corpus.warnings[0].startswith("Without transcript, 1 utterances")


def test_votes_for_categories_that_nobody_knows(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add("Ses01F_impro01_F000", ballots=[("Hangry",), ("Sadness",)])
    iemocap.add("Ses01F_impro01_F001", ballots=[("Hangry",)])
    corpus = read(iemocap, index)
    assert [one.votes and one.votes["sad"] for one in corpus.utterances] == [1.0, None]
    assert corpus.warnings[0] == "2 votes are for categories that nobody knows (Hangry): left out."


def test_the_folder_around_the_release_is_as_good(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add("Ses01F_impro01_F000")
    expected = read(iemocap, index)
    shutil.move(iemocap.root, iemocap.root.with_name("IEMOCAP_full_release"))
    around = iemocap.root.parent
    corpus = read_iemocap(around, audio_index=index, progress=False)
    assert corpus.manifest == expected.manifest
    assert corpus.root == around / "IEMOCAP_full_release"


def test_synthetic_speech_says_so(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add("Ses01F_impro01_F000")
    assert not read(iemocap, index).synthetic
    (iemocap.root / "synthetic.json").write_text("{}", encoding="utf-8")
    assert read(iemocap, index).synthetic


def test_irregular_dialogs_keep_their_names(iemocap: IemocapWriter, index: AudioIndex) -> None:
    ids = ["Ses03M_impro05a_F000", "Ses03M_impro08b_M001", "Ses05M_script01_1b_F002"]
    for id in ids:
        iemocap.add(id)
    corpus = read(iemocap, index)
    assert [one.dialog for one in corpus.utterances] == ["Ses03M_impro05a", "Ses03M_impro08b", "Ses05M_script01_1b"]
    assert [one.speaker for one in corpus.utterances] == ["3F", "3M", "5F"]


def test_classes_without_utterances_are_named(iemocap: IemocapWriter, index: AudioIndex) -> None:
    for number, label in enumerate(["ang", "neu", "sad"]):
        iemocap.add(f"Ses01F_impro01_F00{number}", label)
    assert read(iemocap, index).warnings == ("No utterance is left of the class happy.",)


def test_the_manifest_comes_back(iemocap: IemocapWriter, index: AudioIndex, tmp_path: Path) -> None:
    iemocap.add("Ses01F_impro01_F000", vad=" , , ")
    corpus = read(iemocap, index)
    corpus.save(tmp_path / "run")
    assert read_manifest(tmp_path / "run" / "manifest.json") == corpus.utterances
    entry = json.loads(corpus.manifest)["Ses01F_impro01_F000"]
    assert entry["vad"] is None and sum(entry["votes"].values()) == 1


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A corpus in which the order of files could make a difference: repeated ids, several suffixes."""
    folder = tmp_path_factory.mktemp("messy")
    writer = IemocapWriter(folder / "corpus")
    for session in "123":
        for number, label in enumerate(["ang", "neu", "sad", "hap", "xxx"]):
            id = writer.add(f"Ses0{session}F_impro01_M00{number}", label, text=f"Text {number}.")
        writer.append(writer.evaluation(id).with_name("copy.txt"), writer.evaluation(id).read_text(encoding="utf-8"))
        shutil.copy(writer.wav("Ses01F_impro01_M000"), writer.wav(f"Ses0{session}F_impro01_M001", ".flac"))
    index = AudioIndex(folder / "index.json")
    return SimpleNamespace(root=writer.root, index=index)


@settings(max_examples=15)
@given(seed=st.integers())
def test_the_order_of_files_on_disk_makes_no_difference(messy: SimpleNamespace, seed: int) -> None:
    plain = read_iemocap(messy.root, audio_index=messy.index, progress=False)
    scandir, shuffle = os.scandir, random.Random(seed).shuffle

    class Shuffled:
        def __init__(self, folder: Path) -> None:
            with scandir(folder) as entries:
                self.entries = list(entries)
            shuffle(self.entries)

        def __enter__(self) -> list[os.DirEntry]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mtser.text_files.os.scandir", Shuffled)
        shuffled = read_iemocap(messy.root, audio_index=messy.index, progress=False)
    assert len(plain.utterances) == 12 and len(plain.skipped) == 18
    assert shuffled == plain
    assert shuffled.manifest_hash() == plain.manifest_hash()


def test_chimera(shared_data: Path, index: AudioIndex) -> None:
    corpus = read_iemocap(shared_data / "chimera", audio_index=index, progress=False)
    assert Counter(one.emotion for one in corpus.utterances) == {
        "neutral": 640,
        "happy": 600,
        "sad": 440,
        "angry": 440,
    }
    assert not corpus.skipped and not corpus.warnings
    assert len({one.speaker for one in corpus.utterances}) == 10
    assert {one.session for one in corpus.utterances} == set("12345")
    for one in corpus.utterances:
        assert one.votes is not None and one.votes[one.emotion] == 1.0
        assert one.vad is not None and None not in one.vad
        times = [time for word in one.words for time in (word.start, word.end)]
        assert times == sorted(times) and times[-1] <= one.duration
        assert {word.word for word in one.words}.isdisjoint({"<s>", "</s>", "<sil>"})
