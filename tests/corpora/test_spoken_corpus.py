"""What readers of corpora without word times share."""

from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import ConfigError
from tests.corpora.iemocap_writer import write_tone


def toy(root: Path, index: AudioIndex) -> SpokenCorpus:
    return SpokenCorpus("toy", root, {"joy": "happy"}, ("joy",), alignment="even", audio_index=index, progress=False)


def test_languages_have_one_writing(tmp_path: Path, index: AudioIndex) -> None:
    corpus = toy(tmp_path, index)
    for number, code in enumerate(["en", "EN", "en-US", "deu", "pt-BR"]):
        write_tone(tmp_path / f"{number}.wav")
        corpus.add(f"{number}", tmp_path / f"{number}.wav", label="joy", speaker="A", text="Oh.", language=code)
    assert [one.language for one in corpus.read("wav").utterances] == ["en", "en", "en", "de", "pt-br"]
    with pytest.raises(ConfigError, match="language 'xx' is no ISO 639-1 code"):
        corpus.add("5", tmp_path / "5.wav", label="joy", speaker="A", text="Oh.", language="xx")
