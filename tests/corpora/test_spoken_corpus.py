"""What readers of corpora without word times share."""

import sys
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora.clips import Clip
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import ConfigError
from tests.audio.test_containers import write as write_video
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import reasons


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


def test_only_what_needs_it_is_cut(tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))  # no ffmpeg
    write_tone(tmp_path / "mine" / "b.wav", 2.0)
    write_video(tmp_path / "mine" / "a.m4a", "aac")
    write_tone(tmp_path / "mine" / "c.wav", 1.0)
    corpus = toy(tmp_path / "mine", index)
    audio = {"a": tmp_path / "mine" / "a.m4a", "b": Clip(tmp_path / "mine" / "b.wav", 0.5, 1.5)}
    for id, one in {**audio, "c": tmp_path / "mine" / "c.wav"}.items():
        corpus.add(id, one, label="joy", speaker="A", text="Oh no.")
    read = corpus.read("audio")
    assert [(one.id, one.wav) for one in read.utterances] == [("a", "a.flac"), ("b", "b.flac"), ("c", "c.wav")]
    assert read.root.name == "mine" and all(path.is_file() for path in read.audio_paths().values())
    assert [one.duration for one in read.utterances] == pytest.approx([2.0, 1.0, 1.0], abs=0.1)


def test_a_missing_decoder_costs_what_needs_it(
    tmp_path: Path, index: AudioIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "a.m4a").write_bytes(b"sound")
    write_tone(tmp_path / "b.wav", 2.0)
    corpus = toy(tmp_path, index)
    corpus.add("a", tmp_path / "a.m4a", label="joy", speaker="A", text="Oh no.")
    corpus.add("b", Clip(tmp_path / "b.wav", 0.5, 1.5), label="joy", speaker="A", text="Oh no.")
    read = corpus.read("audio")
    assert [one.id for one in read.utterances] == ["b"] and reasons(read) == {"a": "no decoder"}
