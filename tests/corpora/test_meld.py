import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mtser.alignment import Word
from mtser.alignment.text_grid import write_text_grid
from mtser.audio import AudioIndex
from mtser.corpora import Corpus
from mtser.corpora.meld import SEVEN_CLASSES, read_meld
from mtser.errors import CorpusError
from mtser.training.protocols import default_protocol
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import classes_of, reasons
from tests.corpora.test_clips import fake_ffmpeg, write_samples

HEADER = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime"
FOLDERS = {"train": "train_splits", "dev": "dev_splits_complete", "test": "output_repeated_splits_test"}


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    options.setdefault("alignment", "even")
    return read_meld(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def row(
    dialog: object,
    turn: object,
    emotion: str = "neutral",
    text: str = "Oh, no!",
    speaker: str = "Monica",
    times: str = '"00:16:16,059","00:16:17,059"',
) -> str:
    return f'1,"{text}",{speaker},{emotion},neutral,{dialog},{turn},8,21,{times}'


def write(
    root: Path, rows: Mapping[str, list[str]], suffix: str | None = ".wav", encoding: str = "utf-8", inner: str = ""
) -> Path:
    """The tables, and a second of sound for every turn."""
    for part, lines in rows.items():
        root.mkdir(exist_ok=True, parents=True)
        (root / f"{part}_sent_emo.csv").write_bytes(("\r\n".join([HEADER, *lines]) + "\r\n").encode(encoding))
        for line in lines if suffix else ():
            fields = line.split('",', 1)[1].split(",")
            write_tone(root / inner / FOLDERS[part] / f"dia{fields[3]}_utt{fields[4]}{suffix}")
    return root


def one_of_each(emotion: str = "neutral") -> dict[str, list[str]]:
    return {part: [row(0, 0, emotion)] for part in FOLDERS}


def test_everything_that_is_known_of_an_utterance(tmp_path: Path, index: AudioIndex) -> None:
    corpus = read(write(tmp_path / "MELD.Raw", one_of_each("joy")), index)
    assert (corpus.name, corpus.root.name, corpus.classes) == ("meld", "MELD.Raw", tuple(SEVEN_CLASSES.values()))
    dev, test, train = corpus.utterances
    assert (train.id, train.wav) == ("train_dia0_utt0", "train_splits/dia0_utt0.wav")
    assert (train.speaker, train.emotion, train.text) == ("Monica", "happy", "Oh, no!")
    assert (train.dialog, train.start, train.partition) == ("train_0", 976.059, "train")
    assert (dev.partition, test.partition) == ("dev", "test") and not corpus.skipped
    assert default_protocol(corpus) == "official"


def test_the_folder_around_and_folders_of_the_archives(tmp_path: Path, index: AudioIndex) -> None:
    root = write(tmp_path / "MELD.Raw", {"train": [row(0, 0)]}, inner="train")
    (root / "train_sent_emo.csv").rename(root / "train" / "train_sent_emo.csv")
    (one,) = read(tmp_path, index).utterances
    assert one.wav == "train/train_splits/dia0_utt0.wav"


@pytest.mark.parametrize(
    ("encoding", "written"), [("cp1252", "I’m “fine”…"), ("utf-8", "I\x92m \x93fine\x94\x85"), ("utf-8", "I’m “fine”…")]
)
def test_apostrophes_of_windows(encoding: str, written: str, tmp_path: Path, index: AudioIndex) -> None:
    (one,) = read(write(tmp_path, {"train": [row(0, 0, text=written)]}, encoding=encoding), index).utterances
    assert one.text == "I’m “fine”…" and [word.word for word in one.words] == ["I'm", "fine"]


def test_the_sound_is_taken_out_of_the_clips(
    tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "MELD.Raw", {**one_of_each(), "train": [row(0, 0), row(0, 1)]}, suffix=None)
    for part, folder in FOLDERS.items():
        (root / folder).mkdir()
        (root / folder / "dia0_utt0.mp4").write_bytes(part.encode())
        (root / folder / "._dia0_utt0.mp4").write_bytes(b"\x00\x05")
    write_tone(root / "train_splits" / "dia0_utt1.wav")  # a twin among videos
    calls = fake_ffmpeg(tmp_path / "bin", monkeypatch, f"cat {write_samples(tmp_path / 'sound.raw')}")
    for _ in range(2):
        corpus = read(root, index)
        suffixes = {"train_dia0_utt1": "wav"}  # the others are videos
        assert all(one.wav == f"{one.id}.{suffixes.get(one.id, 'flac')}" for one in corpus.utterances)
        assert len(corpus.utterances) == 4 and corpus.root.name == "MELD.Raw" and corpus.root != root
        assert len(calls.read_text().splitlines()) == 3


def test_times_of_the_clips_are_named_like_them(
    tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "MELD.Raw", one_of_each(), suffix=None)
    for part, folder in FOLDERS.items():
        (root / folder).mkdir()
        (root / folder / "dia0_utt0.mp4").write_bytes(part.encode())
    fake_ffmpeg(tmp_path / "bin", monkeypatch, f"cat {write_samples(tmp_path / 'sound.raw')}")
    for number, part in enumerate(("train", "test")):
        words = [Word("oh", 0.1 + number / 10, 0.3), Word("no", 0.3, 0.5)]
        write_text_grid(tmp_path / "grids" / FOLDERS[part] / "dia0_utt0.TextGrid", words, 1.0)
    corpus = read(root, index, alignment=str(tmp_path / "grids"))
    starts = {one.id: one.words[0].start for one in corpus.utterances}
    assert starts == {"train_dia0_utt0": 0.1, "test_dia0_utt0": 0.2}
    assert reasons(corpus) == {"dev_dia0_utt0": "no alignment"}


def test_without_a_decoder_videos_are_an_error(
    tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path, {"train": [row(0, 0)]}, suffix=None)
    (root / "train_splits").mkdir()
    (root / "train_splits" / "dia0_utt0.mp4").write_bytes(b"video")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(CorpusError, match="none of its recordings can be decoded: videos and AAC need PyAV"):
        read(root, index)


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    rows = [row(0, 0), row(0, 1, "bored"), row(0, 0, "joy"), row("x", 1), row(2, 0, text="..."), row(3, 0)]
    rows += [row(125, 3), row(4, 0), row(5, 0, times='"00:00:02,000","00:00:01,000"'), row(6, 0, speaker="")]
    root = write(tmp_path, {"train": rows, "dev": [row(110, 7)]})
    write_tone(root / "train_splits" / "dia3_utt0.wav", 12.0)
    for clip in ("train_splits/dia125_utt3", "train_splits/dia4_utt0", "dev_splits_complete/dia110_utt7"):
        (root / f"{clip}.wav").unlink()
    corpus = read(root, index)
    assert list(classes_of(corpus)) == ["train_dia0_utt0", "train_dia5_utt0"]
    assert reasons(corpus) == {
        "train_dia0_utt1": "unknown label bored",
        "train_dia0_utt0": "repeated utterance (the first is kept)",
        "train_diax_utt1": "unreadable annotation",
        "train_dia2_utt0": "no words",
        "train_dia3_utt0": "audio far too long",
        "train_dia125_utt3": "clip known to be broken",
        "dev_dia110_utt7": "clip known to be broken",
        "train_dia4_utt0": "no audio file",
        "train_dia6_utt0": "unreadable annotation",
    }
    assert default_protocol(corpus) == "lospo"


def test_turns_of_no_class_are_the_context(tmp_path: Path, index: AudioIndex) -> None:
    rows = [row(0, 0, "fear"), row(0, 1, "anger"), row(1, 0, "fear"), row(0, 2, "disgust")]
    root = write(tmp_path, {"train": rows})
    (root / "train_splits" / "dia0_utt2.wav").unlink()
    corpus = read(root, index, label_map={"anger": "angry"})
    assert list(classes_of(corpus)) == ["train_dia0_utt1"] and not corpus.context
    (turn,) = corpus.with_context().context
    assert (turn.id, turn.emotion, turn.votes, turn.dialog) == ("train_dia0_utt0", "", None, "train_0")


@pytest.mark.parametrize("videos", [("dia0_utt0",), ("dia0_utt1",)])
def test_the_context_where_some_sound_was_taken_out_before(
    videos: tuple[str, ...], tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "MELD.Raw", {"train": [row(0, 0, "fear"), row(0, 1, "anger")]})
    for name in videos:
        (root / "train_splits" / f"{name}.wav").unlink()
        (root / "train_splits" / f"{name}.mp4").write_bytes(name.encode())
    fake_ffmpeg(tmp_path / "bin", monkeypatch, f"cat {write_samples(tmp_path / 'sound.raw')}")
    corpus = read(root, index, label_map={"anger": "angry"}).with_context()
    assert [one.id for one in corpus.context] == ["train_dia0_utt0"]
    assert all(path.is_file() for path in corpus.audio_paths().values())


def test_folders_and_tables_that_are_wrong(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match=r"gone: no such folder; expected the folder MELD\.Raw"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match=r"holds no \*_sent_emo\.csv"):
        read(tmp_path, index)
    (tmp_path / "dev_sent_emo.csv").write_text("Utterance,Speaker,Emotion\nOh,Ross,joy\n")
    with pytest.raises(CorpusError, match=r"dev_sent_emo\.csv: has no column 'Dialogue_ID'"):
        read(tmp_path, index)
