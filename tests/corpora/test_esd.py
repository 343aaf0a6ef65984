from collections.abc import Sequence
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus
from mtser.corpora.esd import read_esd
from mtser.errors import ConfigError, CorpusError
from mtser.training.protocols import default_protocol
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import classes_of, reasons

Line = tuple[str, str, str]  # id, sentence, emotion


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    options.setdefault("alignment", "even")
    return read_esd(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def add(root: Path, *files: str) -> None:
    for file in files:
        write_tone(root / f"{file}.wav")


def write_texts(root: Path, speaker: str, lines: Sequence[Line], encoding: str = "utf-8", between: str = "\t") -> None:
    text = "".join(f"{between.join(line)}\r\n" for line in lines)
    (root / speaker).mkdir(parents=True, exist_ok=True)
    (root / speaker / f"{speaker}.txt").write_bytes(text.encode(encoding))


def test_everything_that_is_known_of_an_utterance(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "0011/Angry/evaluation/0011_000351")
    write_texts(tmp_path, "0011", [("0011_000351", "The nine the eggs, I keep.", "Angry")])
    corpus = read(tmp_path, index)
    (one,) = corpus.utterances
    assert (corpus.name, corpus.classes) == ("esd", ("angry", "happy", "neutral", "sad", "surprised"))
    assert (one.id, one.wav) == ("0011_000351", "0011/Angry/evaluation/0011_000351.wav")
    assert (one.speaker, one.emotion, one.language, one.partition) == ("0011", "angry", "en", "dev")
    assert one.text == "The nine the eggs, I keep." and len(one.words) == 6
    assert default_protocol(corpus) == "lospo"


def test_divided_and_undivided_folders_and_the_folder_around(tmp_path: Path, index: AudioIndex) -> None:
    root = tmp_path / "Emotion Speech Dataset"
    folders = {"train": "train", "test": "test", "evaluation": "dev", "": None}
    lines = []
    for number, folder in enumerate(folders):
        add(root, f"0012/Sad/{folder}/0012_00105{number}")
        lines.append((f"0012_00105{number}", "Oh no.", "Sad"))
    write_texts(root, "0012", lines)
    corpus = read(tmp_path, index)
    assert [one.partition for one in corpus.utterances] == list(folders.values())
    assert corpus.utterances[0].wav == "Emotion Speech Dataset/0012/Sad/train/0012_001050.wav"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk"])
def test_chinese_in_the_encodings_that_occur(encoding: str, tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "0001/Neutral/train/0001_000001", "0011/Neutral/train/0011_000001")
    write_texts(tmp_path, "0001", [("0001_000001", "打远一看，它们的确很是美丽，", "中立")], encoding)
    write_texts(tmp_path, "0011", [("0011_000001", "Oh.", "Neutral")])
    (one,) = read(tmp_path, index, language="zh").utterances
    assert one.text == "打远一看，它们的确很是美丽，" and one.language == "zh"
    assert [word.word for word in one.words] == list("打远一看它们的确很是美丽")
    assert [one.speaker for one in read(tmp_path, index, language="both").utterances] == ["0001", "0011"]
    assert [one.speaker for one in read(tmp_path, index).utterances] == ["0011"]


def test_apostrophes_of_windows(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "0011/Happy/train/0011_000701")
    write_texts(tmp_path, "0011", [("0011_000701", "It’s fine.", "Happy")], "cp1252")
    assert [word.word for word in read(tmp_path, index).utterances[0].words] == ["It's", "fine"]


def test_blanks_between_columns(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "0011/Sad/train/0011_001051", "0011/Sad/train/0011_001052")
    lines = [("0011_001051", "I am not happy now.", "Sad"), ("0011_001052", "I am so sad.", "")]
    write_texts(tmp_path, "0011", lines, between=" ")
    assert [one.text for one in read(tmp_path, index).utterances] == ["I am not happy now.", "I am so sad."]


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, *(f"0011/Sad/train/{id}" for id in ("0011_001051", "0011_001052", "0012_001051", "x")))
    add(tmp_path, "0011/Sad/test/0011_001051", "0011/Bored/train/0011_001053", "0013/Sad/train/0013_001051")
    write_texts(tmp_path, "0011", [("0011_001051", "Oh no.", "Sad"), ("0011_001053", "Oh.", "Bored")])
    corpus = read(tmp_path, index)
    assert list(classes_of(corpus)) == ["0011_001051"]
    assert reasons(corpus) == {
        "0011_001051": "repeated utterance (the first is kept)",
        "0011_001052": "no transcript",
        "0012_001051": "not the name of an utterance",
        "x": "not the name of an utterance",
        "0011_001053": "unknown label bored",
        "0013_001051": "no transcript",
    }
    assert (
        "0013.txt: cannot be read (No such file or directory). Without it, no utterance of 0013" in corpus.warnings[0]
    )


def test_folders_and_options_that_are_wrong(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such folder; expected the folder of ESD"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match="holds no speaker; expected"):
        read(tmp_path, index)
    (tmp_path / "0001").mkdir()
    with pytest.raises(CorpusError, match="none of its 1 speakers has the language 'en'; --language both"):
        read(tmp_path, index)
    with pytest.raises(ConfigError, match="language is 'de'; choose 'en' or 'zh' or 'both'"):
        read(tmp_path, index, language="de")
