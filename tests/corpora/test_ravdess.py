from collections import Counter
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus
from mtser.corpora.ravdess import EIGHT_CLASSES, read_ravdess
from mtser.errors import ConfigError, CorpusError
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import LATE, classes_of, reasons

FOUR = Path(__file__).parents[2] / "recipes" / "ravdess" / "classes" / "four.yaml"


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    options.setdefault("alignment", "even")
    return read_ravdess(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def test_everything_that_is_known_of_an_utterance(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "Actor_12" / "03-01-06-01-02-01-12.wav", 1.2)
    corpus = read(tmp_path, index)
    (one,) = corpus.utterances
    assert (corpus.name, corpus.root, corpus.classes) == ("ravdess", tmp_path, tuple(EIGHT_CLASSES))
    assert (one.id, one.wav) == ("03-01-06-01-02-01-12", "Actor_12/03-01-06-01-02-01-12.wav")
    assert (one.speaker, one.emotion, one.text) == ("12F", "fearful", "Dogs are sitting by the door.")
    assert [word.word for word in one.words] == ["Dogs", "are", "sitting", "by", "the", "door"]
    assert one.duration == pytest.approx(1.2) and one.words[-1].end == pytest.approx(1.2)
    assert {one.session, one.dialog, one.style, one.votes, one.vad, one.partition} == {None}
    assert "partition" not in one.to_dict()
    assert "not all 60 speech files are there (12F)" in corpus.warnings[0]


@pytest.mark.parametrize(
    "folder", ["", "Actor_01", "Audio_Speech_Actors_01-24/Actor_01", "Audio_Song_Actors_01-24/Actor_01"]
)
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_layouts(folder: str, suffix: str, tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / folder / f"03-01-01-01-01-01-01{suffix}")
    (one,) = read(tmp_path, index).utterances
    assert one.wav == (Path(folder) / f"03-01-01-01-01-01-01{suffix}").as_posix() and one.speaker == "01M"


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    for id in ("03-01-05-02-01-01-03", "03-02-05-02-01-01-03", "03-01-09-02-01-01-03", "03-01-05-02-03-01-03"):
        write_tone(tmp_path / "Actor_03" / f"{id}.wav")
    write_tone(tmp_path / "03-01-05-02-01-01-03.wav")
    write_tone(tmp_path / "Actor_03" / "notes.wav")
    for id in ("01-01-05-02-01-01-03", "02-01-05-02-01-01-03"):
        (tmp_path / "Actor_03" / f"{id}.mp4").write_bytes(b"video")
    (tmp_path / "Actor_03" / "03-01-04-02-01-01-03.wav").write_bytes(b"")
    corpus = read(tmp_path, index)
    assert list(classes_of(corpus)) == ["03-01-05-02-01-01-03"]
    assert reasons(corpus) == {
        "03-02-05-02-01-01-03": "song, not speech",
        "03-01-09-02-01-01-03": "unknown label 09",
        "03-01-05-02-03-01-03": "unknown sentence",
        "03-01-05-02-01-01-03": "repeated utterance (the first is kept)",
        "notes": "not the name of an utterance",
        "01-01-05-02-01-01-03": "video, not audio only",
        "02-01-05-02-01-01-03": "video, not audio only",
        "03-01-04-02-01-01-03": "empty audio",
    }


def test_classes_of_a_file_and_intensities(tmp_path: Path, index: AudioIndex) -> None:
    for code in range(1, 9):
        for intensity in ("01", "02"):
            write_tone(tmp_path / f"03-01-{code:02}-{intensity}-01-01-01.wav")
    corpus = read(tmp_path, index, label_map=str(FOUR))
    assert corpus.classes == ("angry", "happy", "sad", "neutral")
    assert Counter(classes_of(corpus).values()) == {"angry": 2, "happy": 2, "sad": 2, "neutral": 4}
    assert set(reasons(corpus).values()) == {"label not among the classes"}
    strong = read(tmp_path, index, intensities="strong")
    assert {one.id[9:11] for one in strong.utterances} == {"02"} and set(reasons(strong).values()) == {
        "intensity not asked for"
    }


def test_words_come_from_the_aligner(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "03-01-01-01-01-01-01.wav", 2.0)
    (one,) = read(tmp_path, index, alignment=LATE).utterances
    assert one.words[0].start == pytest.approx(1.0) and one.words[-1].end == pytest.approx(2.0)


def test_folders_and_options_that_are_wrong(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such folder; expected the folder that holds Actor_01"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match="no usable utterance; nothing was found; expected files such as Actor_12"):
        read(tmp_path, index)
    with pytest.raises(ConfigError, match="intensities is 'loud'; choose 'both' or 'normal' or 'strong'"):
        read(tmp_path, index, intensities="loud")
    with pytest.raises(ConfigError, match="label_map maps 'joy', which is no label of the corpus"):
        read(tmp_path, index, label_map={"joy": "happy"})
    with pytest.raises(ConfigError, match="unaligned is 'keep'"):
        read(tmp_path, index, unaligned="keep")
    with pytest.raises(ConfigError, match="there is no aligner 'pocketsphinks'"):
        read(tmp_path, index, alignment="pocketsphinks")


def test_real_corpus(shared_data: Path, index: AudioIndex) -> None:
    corpus = read(shared_data / "ravdess", index)
    assert len(corpus.utterances) == 480 and not corpus.skipped and not corpus.warnings
    assert Counter(one.speaker for one in corpus.utterances) == dict.fromkeys(
        ("01M", "02F", "03M", "04F", "05M", "06F", "07M", "08F"), 60
    )
    assert Counter(classes_of(corpus).values())["neutral"] == 32
