import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import AudioIndex
from mtser.corpora import Corpus, Word
from mtser.corpora.cmu_mosei import read_cmu_mosei
from mtser.corpora.csd import read_csd
from mtser.corpora.mosei_folds import read_standard_folds
from mtser.errors import ConfigError, CorpusError, MtserError
from mtser.training.protocols import default_protocol
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import classes_of, reasons

h5py = pytest.importorskip("h5py")

Rows = Sequence[tuple[float, float, object]]  # start, end, what stands there
WORDS: Rows = (
    (0.0, 0.5, "sp"),
    (0.5, 0.9, "oh"),
    (0.9, 1.2, "no"),
    (1.2, 2.1, "sp"),
    (2.1, 2.6, "good"),
    (2.6, 2.9, "day"),
)


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    return read_cmu_mosei(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def write_csd(path: Path, name: str, videos: Mapping[str, Rows]) -> None:
    """A computational sequence as the SDK deploys it: numbers as float32, words as bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for video, rows in videos.items():
            group = file.create_group(f"{name}/data/{video}")
            values = [row[2] for row in rows]
            words = bool(values) and isinstance(values[0], str)
            features = (
                np.array([[str(one).encode()] for one in values], "S32") if words else np.array(values, np.float32)
            )
            group.create_dataset("features", data=features)
            group.create_dataset("intervals", data=np.array([row[:2] for row in rows], np.float64))
        file.create_group(f"{name}/metadata").create_dataset("md5", data=np.array([b"0"]))


def intensities(**given: float) -> list[float]:
    """A row of labels: the sentiment, then the emotions."""
    return [1.0, *(given.get(name, 0.0) for name in ("happy", "sad", "anger", "surprise", "disgust", "fear"))]


def write(root: Path, labels: Rows, words: Rows = WORDS, seconds: float = 4.0, video: str = "-3g5yACwYnA") -> Path:
    write_csd(root / "CMU_MOSEI_Labels.csd", "All Labels", {video: labels})
    write_csd(root / "CMU_MOSEI_TimestampedWords.csd", "words", {video: words})
    write_tone(root / "Audio" / "Full" / "WAV_16000" / f"{video}.wav", seconds)
    return root


def test_everything_that_is_known_of_a_segment(tmp_path: Path, index: AudioIndex) -> None:
    root = write(tmp_path / "MOSEI", [(0.4, 1.9, intensities(happy=2.0, sad=1.0)), (2.0, 3.0, intensities())])
    corpus = read(root, index)
    first, second = corpus.utterances
    assert (corpus.name, corpus.root.name) == ("cmu_mosei", "MOSEI")
    assert (first.id, first.speaker, first.dialog, first.start) == ("-3g5yACwYnA[0]", "-3g5yACwYnA", "-3g5yACwYnA", 0.4)
    assert first.emotion == "happy" and second.emotion == "neutral" and first.text == "oh no"
    assert first.votes is not None and first.votes["happy"] == pytest.approx(2 / 3)
    assert second.votes is not None and second.votes["neutral"] == 1.0
    for word, start, end in zip(first.words, (0.1, 0.5), (0.5, 0.8), strict=True):
        assert (word.start, word.end) == (pytest.approx(start), pytest.approx(end))
    assert soundfile.info(corpus.root / first.wav).duration == pytest.approx(1.5)
    assert second.text == "good day" and default_protocol(corpus) == "lospo"


def test_thresholds_and_classes(tmp_path: Path, index: AudioIndex) -> None:
    rows = [(0.4, 1.3, intensities(happy=0.3)), (2.0, 3.0, intensities(fear=2.0, happy=0.3))]
    root = write(tmp_path, rows)
    assert classes_of(read(root, index, threshold=0.5, label_map={"neutral": "n", "fear": "f"})) == {
        "-3g5yACwYnA[0]": "n",
        "-3g5yACwYnA[1]": "f",
    }
    dropped = read(root, index, threshold=0.5, without_emotion="drop")
    assert reasons(dropped) == {"-3g5yACwYnA[0]": "no emotion above the threshold"}


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    rows = [
        (0.4, 1.3, intensities(happy=1.0)),
        (0.4, 1.3, intensities(happy=1.0, sad=1.0)),
        (1.3, 2.0, intensities(sad=1.0)),
        (2.0, 9.0, intensities(sad=1.0)),
        (2.0, 1.0, intensities(sad=1.0)),
        (float("nan"), 1.0, intensities(sad=1.0)),
        (0.4, 1.3, [float("nan")] * 7),
    ]
    root = write(tmp_path, rows)
    ids = [f"-3g5yACwYnA[{number}]" for number in range(len(rows))]
    corpus = read(root, index)
    assert list(classes_of(corpus)) == ids[:1]
    assert reasons(corpus) == {
        ids[1]: "several emotions are equally strong",
        ids[2]: "no words in the alignment",
        ids[3]: "segment outside the audio",
        **dict.fromkeys(ids[4:], "unreadable annotation"),
    }


def test_videos_without_words_or_sound(tmp_path: Path, index: AudioIndex) -> None:
    root = write(tmp_path, [(0.4, 1.3, intensities(happy=1.0))])
    labels = {video: [(0.4, 1.3, intensities(happy=1.0))] for video in ("-3g5yACwYnA", "mute", "quiet")}
    write_csd(root / "CMU_MOSEI_Labels.csd", "All Labels", labels)
    write_tone(root / "Audio" / "Full" / "WAV_16000" / "quiet.wav", 2.0)
    corpus = read(root, index)
    assert reasons(corpus) == {"mute[0]": "no audio file", "quiet[0]": "no alignment"}


def test_words_that_overlap_by_a_frame_are_mended_and_others_are_not(tmp_path: Path, index: AudioIndex) -> None:
    label = intensities(happy=1.0)
    root = write(
        tmp_path,
        [(0.0, 1.0, label), (1.0, 2.0, label)],
        [(0.1, 0.5, "oh"), (0.49, 0.9, "no"), (1.1, 1.7, "oh"), (1.4, 1.9, "no")],
    )
    corpus = read(root, index)
    (one,) = corpus.utterances
    assert one.words == (Word("oh", 0.1, 0.49), Word("no", 0.49, 0.9))
    assert reasons(corpus) == {"-3g5yACwYnA[1]": "alignment rows overlap"}


SDK = 'standard_train_fold=["a","b"]\nstandard_valid_fold = [\'c\']\nstandard_test_fold=["d"]\nprint(open("x", "w"))\n'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cmu_mosei_std_folds.py", SDK),
        ("folds.yaml", "train: [a, b]\nvalid: [c]\ntest: [d]\n"),
        ("folds.json", '{"train": ["a", "b"], "dev": ["c"], "test": ["d"]}'),
    ],
)
def test_standard_folds(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert read_standard_folds(tmp_path / name) == {"a": "train", "b": "train", "c": "dev", "d": "test"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.py", "standard_train_fold = [", "cannot be read"),
        ("a.py", "standard_train_fold = [open('x')]", "cannot be read"),
        ("a.py", "x = 1", "holds no list of videos for train"),
        ("a.yaml", "train: [a]\nvalid: [a]\ntest: [b]\n", "the video a is in train and in dev"),
        ("a.yaml", "train: [1]\nvalid: [a]\ntest: [b]\n", "holds no list of videos for train"),
        ("a.yaml", "[a]", "holds no list of videos for train"),
    ],
)
def test_standard_folds_that_are_broken(name: str, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=told) as found:
        read_standard_folds(tmp_path / name)
    assert str(tmp_path / name) in str(found.value)


def test_official_partitions(tmp_path: Path, index: AudioIndex) -> None:
    root = write(tmp_path, [(0.4, 1.3, intensities(happy=1.0))])
    (tmp_path / "folds.yaml").write_text("train: [x]\nvalid: ['-3g5yACwYnA']\ntest: [y]\n")
    corpus = read(root, index, standard_folds=str(tmp_path / "folds.yaml"))
    assert corpus.utterances[0].partition == "dev" and default_protocol(corpus) == "official"
    with pytest.raises(ConfigError, match="cannot be read"):
        read(root, index, standard_folds="none.py")


def test_files_that_are_no_computational_sequences(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such folder"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match=r"holds no file of labels \(CMU_MOSEI_Labels\.csd\)"):
        read(tmp_path, index)
    root = write(tmp_path, [(0.4, 1.3, intensities(happy=1.0))])
    labels = root / "CMU_MOSEI_Labels.csd"
    whole = labels.read_bytes()
    for damaged in (b"", b"no HDF5", whole[: len(whole) // 2]):
        labels.write_bytes(damaged)
        with pytest.raises(CorpusError, match=r"CMU_MOSEI_Labels\.csd: (cannot be read|is no computational)") as found:
            read(root, index)
        assert "\n" not in str(found.value)
    with h5py.File(labels, "w") as file:
        file.create_group("x")
    with pytest.raises(CorpusError, match="is no computational sequence; expected one group that holds 'data'"):
        read(root, index)


def test_damaged_videos_are_listed(tmp_path: Path) -> None:
    write_csd(tmp_path / "a.csd", "x", {"good": [(0.0, 1.0, "oh")], "short": [(0.0, 1.0, "oh"), (1.0, 2.0, "no")]})
    with h5py.File(tmp_path / "a.csd", "a") as file:
        del file["x/data/short/intervals"]
        file["x/data/short"].create_dataset("intervals", data=np.zeros((1, 2)))
        file.create_group("x/data/empty")
    found, damaged = read_csd(tmp_path / "a.csd")
    assert list(found) == ["good"] and damaged == ["empty", "short"]


def test_without_h5py_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MtserError, match=r"needs h5py: pip install mtser\[mosei\]"):
        read_csd(tmp_path / "a.csd")
