"""Every kind of damage: the utterance is skipped with its reason, the others are read."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.alignment.files import FileAligner
from mtser.audio import AudioIndex
from mtser.corpora import Corpus, read_iemocap
from mtser.errors import ConfigError, CorpusError
from tests.corpora.iemocap_writer import EVALUATION_HEADER, IemocapWriter, wdseg_text, write_tone

GOOD = "Ses01F_impro01_F000"
BAD = "Ses01F_impro01_F001"
WDSEG = f"Session1/sentences/ForcedAlignment/Ses01F_impro01/{BAD}.wdseg"


def read(writer: IemocapWriter, index: AudioIndex, **options: object) -> Corpus:
    return read_iemocap(writer.root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def skipped(corpus: Corpus) -> list[tuple[str, str, str]]:
    return [(one.utterance, one.reason, one.detail) for one in corpus.skipped]


def the_one_skipped(writer: IemocapWriter, index: AudioIndex) -> tuple[str, str]:
    corpus = read(writer, index)
    assert [one.id for one in corpus.utterances] == [GOOD]
    ((id, reason, detail),) = skipped(corpus)
    assert id == BAD
    return reason, detail


@pytest.mark.parametrize(
    "rows, reason, line",
    [
        ([(0, 9, "OH"), (9, 20, "NO")], "alignment rows overlap", 3),
        ([(10, 19, "OH"), (5, 9, "NO")], "alignment rows run backwards", 3),
        ([(10, 5, "OH")], "alignment rows run backwards", 2),
        ([(0, 9, "OH"), (10, 9, "NO")], "alignment rows run backwards", 3),
        ([(0, 9, "OH"), (10, 150, "NO")], "alignment outside the audio", 3),
        ([(0, 9, "OH"), (100, 102, "NO")], "alignment outside the audio", 3),
        ([(-5, 9, "OH")], "alignment outside the audio", 2),
        ([(0, "nine", "OH")], "unreadable alignment row", 2),
        ([(0, 9, "OH"), ("nan", 12, "NO")], "unreadable alignment row", 3),
        ([(0, 9, "")], "unreadable alignment row", 2),
    ],
)
def test_damaged_alignment_rows(
    iemocap: IemocapWriter, index: AudioIndex, rows: list[tuple[object, object, str]], reason: str, line: int
) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD, rows=rows)
    found, detail = the_one_skipped(iemocap, index)
    assert found == reason
    assert detail.startswith(f"{WDSEG}:{line}")


@pytest.mark.parametrize(
    "rows, reason",
    [((), "empty alignment"), ([(0, 9, "<s>"), (10, 20, "</s>")], "no words in the alignment")],
)
def test_alignments_without_words(
    iemocap: IemocapWriter, index: AudioIndex, rows: list[tuple[int, int, str]], reason: str
) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD, rows=rows)
    assert the_one_skipped(iemocap, index) == (reason, WDSEG)


def test_silence_may_lie_outside_the_audio(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD, rows=[(0, 50, "OH"), (51, 300, "</s>")])
    assert len(read(iemocap, index).utterances) == 1


def test_silence_may_overlap_words(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD, rows=[(0, 9, "<s>"), (10, 29, "OH"), (25, 45, "<sil>"), (40, 79, "NO(2)")])
    (utterance,) = read(iemocap, index).utterances
    assert utterance.words == FileAligner(iemocap.root).align_within(iemocap.wav(GOOD), 1.0, [])
    assert [(word.word, word.start, word.end) for word in utterance.words] == [("OH", 0.1, 0.3), ("NO", 0.4, 0.8)]


def test_a_last_word_that_is_rounded_up_is_cut(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD, rows=[(10, 102, "OH")])
    (utterance,) = read(iemocap, index).utterances
    assert utterance.words[-1].end == utterance.duration == 1.0


def make_zero_bytes(path: Path) -> None:
    path.write_bytes(b"")


def make_text(path: Path) -> None:
    path.write_text("this is no audio", encoding="utf-8")


def make_silence(path: Path) -> None:
    soundfile.write(path, np.zeros(16_000), 16_000)


def make_no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0), 16_000)


def make_truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:16_000])


def make_not_a_number(path: Path) -> None:
    soundfile.write(path, np.full(16_000, np.nan), 16_000, subtype="FLOAT")


def make_short(path: Path) -> None:
    write_tone(path, 0.5)


@pytest.mark.parametrize(
    "damage, reason",
    [
        (make_zero_bytes, "empty audio"),
        (make_text, "unreadable audio"),
        (make_silence, "silent audio"),
        (make_no_samples, "empty audio"),
        (make_truncated, "truncated audio"),
        (make_not_a_number, "non-finite audio"),
        (make_short, "alignment outside the audio"),
        (Path.unlink, "no audio file"),
    ],
)
def test_damaged_audio(
    iemocap: IemocapWriter, index: AudioIndex, damage: Callable[[Path], object], reason: str
) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD)
    damage(iemocap.wav(BAD))
    assert the_one_skipped(iemocap, index)[0] == reason


def test_missing_alignment(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD, rows=None)
    assert the_one_skipped(iemocap, index) == ("no alignment", "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:11")


def test_an_alignment_that_must_not_be_read(
    iemocap: IemocapWriter, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD)
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == f"{BAD}.wdseg":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert the_one_skipped(iemocap, index)[0] == "unreadable alignment"


def test_an_annotation_that_must_not_be_read(
    iemocap: IemocapWriter, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    iemocap.add(GOOD)
    iemocap.add("Ses02F_impro01_F000")
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "Ses02F_impro01.txt":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    corpus = read(iemocap, index)
    assert [(id, reason) for id, reason, _ in skipped(corpus)] == [("Ses02F_impro01_F000", "no annotation")]
    assert any("Ses02F_impro01.txt: cannot be read (Permission denied)" in warning for warning in corpus.warnings)


def test_a_damaged_annotation(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD)
    iemocap.append(
        iemocap.evaluation(GOOD), f"[1.0 - 2.0\t{BAD}\tneu\n\n[1.0]\n\n[1 - 2]\tSes01F_MXX0\tneu\t[1, 1, 1]\n"
    )
    assert skipped(read(iemocap, index)) == [
        ("Ses01F_MXX0", "not the name of an utterance", "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:15"),
        (
            "Ses01F_impro01",
            "unreadable annotation",
            "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:13: '[1.0]'",
        ),
        (
            BAD,
            "unreadable annotation",
            f"Session1/dialog/EmoEvaluation/Ses01F_impro01.txt:11: '[1.0 - 2.0\\t{BAD}\\tneu'",
        ),
    ]


def test_audio_without_annotation(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD)
    write_tone(iemocap.wav(BAD))
    write_tone(iemocap.wav("Ses01F_impro01_MXX0"))
    assert the_one_skipped(iemocap, index) == ("no annotation", f"Session1/sentences/wav/Ses01F_impro01/{BAD}.wav")


def test_a_repeated_annotation_that_agrees_is_kept_once(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD, "sad", vad="1, 1, 1")
    own = iemocap.evaluation(GOOD)
    copy = own.with_name("A_copy.txt")
    iemocap.append(copy, own.read_text(encoding="utf-8").replace("[1, 1, 1]", "[5, 5, 5]"))
    corpus = read(iemocap, index)
    assert [(one.emotion, one.vad) for one in corpus.utterances] == [("sad", (1.0, 1.0, 1.0))]
    assert skipped(corpus) == [
        (GOOD, "repeated annotation (the first is kept)", "Session1/dialog/EmoEvaluation/A_copy.txt:3")
    ]


@pytest.mark.parametrize("file", ["Ses01F_impro01.txt", "Ses01F_impro02.txt"])
def test_repeated_annotations_that_disagree_are_all_left_out(
    iemocap: IemocapWriter, index: AudioIndex, file: str
) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD, "sad")
    iemocap.append(iemocap.evaluation(BAD).with_name(file), f"[1 - 2]\t{BAD}\tang\t[1, 1, 1]\n\n", EVALUATION_HEADER)
    corpus = read(iemocap, index)
    assert [one.id for one in corpus.utterances] == [GOOD]
    assert [(id, reason) for id, reason, _ in skipped(corpus)] == 2 * [(BAD, "repeated annotation with another label")]


def test_a_session_without_annotations(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD)
    (iemocap.root / "Session3").mkdir()
    assert read(iemocap, index).warnings[0] == "Session3 holds no annotated turn (dialog/EmoEvaluation/*.txt)."


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"gone: no such folder; expected the root of the IEMOCAP release, .*Session1"
    ):
        read_iemocap(tmp_path / "gone")


@pytest.mark.parametrize("content", [None, "IEMOCAP_full_release", "wav", "Session1.zip"])
def test_a_folder_without_a_session(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / content).mkdir()
    with pytest.raises(CorpusError, match="holds no session; expected the root of the IEMOCAP release"):
        read_iemocap(tmp_path)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "corpus.zip").touch()
    with pytest.raises(CorpusError, match="no such folder"):
        read_iemocap(tmp_path / "corpus.zip")


def test_a_corpus_without_a_usable_utterance(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD, suffix=None)
    iemocap.add(BAD, "xxx")
    with pytest.raises(CorpusError) as caught:
        read(iemocap, index)
    message = str(caught.value)
    assert "no usable utterance" in message and "\n" not in message
    assert "1 × no audio file" in message and "1 × label not among the classes" in message


def test_a_copy_without_alignments_is_told_the_way_out(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD, rows=None)
    with pytest.raises(
        CorpusError, match=r"1 × no alignment .*; expected .*\.wdseg \(--unaligned even does without the la"
    ):
        read(iemocap, index)
    assert [one.id for one in read(iemocap, index, unaligned="even").utterances] == [GOOD]
    iemocap.wav(GOOD).unlink()
    with pytest.raises(CorpusError, match=r"1 × no audio file .*; expected .*\.wdseg\.$"):
        read(iemocap, index)


def test_an_empty_session(iemocap: IemocapWriter, index: AudioIndex) -> None:
    (iemocap.root / "Session1").mkdir(parents=True)
    with pytest.raises(CorpusError, match="no usable utterance; nothing was found; expected sentences/wav"):
        read(iemocap, index)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"unaligned": "keep"}, "unaligned is 'keep'"),
        ({"non_speech": "even"}, "non_speech is 'even'"),
        ({"label_map": {"happy": "hap"}}, "label_map maps 'happy'"),
        ({"classes": ("angry", "happy")}, "classes are angry, happy, but label_map maps to angry, happy, sad, neutral"),
    ],
)
def test_wrong_options(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_iemocap(tmp_path, **options)  # type: ignore[arg-type]


def test_text_that_is_binary(iemocap: IemocapWriter, index: AudioIndex) -> None:
    iemocap.add(GOOD)
    iemocap.add(BAD)
    iemocap.wdseg(BAD).write_bytes(b"\x00\x01\xff\xfe\x80" * 50 + wdseg_text([]).encode())
    assert the_one_skipped(iemocap, index)[0] == "unreadable alignment row"
