"""Transcribers by name, and transcripts that are kept."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mtser.audio.reading import UnusableAudioError
from mtser.errors import ConfigError, ModelError
from mtser.files import cache_folder
from mtser.transcription import Segment, Transcriber, Transcript, find_transcriber, transcribe_many
from mtser.transcription.whisper import WhisperTranscriber


class Parrot(Transcriber):
    name = "parrot"
    calls = 0

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        Parrot.calls += 1
        return Transcript((Segment(0.0, len(samples) / 16000, "Hello.", 0.5),), language or "en", self.name)

    def settings(self) -> dict[str, Any]:
        return {"class": "Parrot"}


def test_names_lead_to_transcribers(tiny: Path) -> None:
    assert find_transcriber(f"faster-whisper:{tiny}").name == "faster-whisper model"
    assert find_transcriber("pocketsphinx").name == "pocketsphinx en-us"
    assert find_transcriber("tests.transcription.test_find.Parrot").name == "parrot"


@pytest.mark.parametrize("name", ["vosk", "faster-whisper:", "tests.transcription.test_find.Sparrow"])
def test_unknown_names_are_told_what_there_is(name: str) -> None:
    with pytest.raises(ConfigError, match=f"there is no transcriber '{name}'; there are faster-whisper, "):
        find_transcriber(name)


def test_the_fallback_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: WhisperTranscriber) -> None:
        raise ModelError("the model small is not there.")

    monkeypatch.setattr(WhisperTranscriber, "load", load)
    with pytest.warns(UserWarning, match="the model small is not there.*pocketsphinx.*faster-whisper:FOLDER"):
        assert find_transcriber(None).name == "pocketsphinx en-us"
    with pytest.raises(ModelError):
        find_transcriber("faster-whisper")  # who asks for it gets it or an error


def test_transcripts_are_computed_once_and_bad_files_stand_in_their_place(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    (tmp_path / "b.wav").write_bytes(b"")
    files = {"b": tmp_path / "b.wav", "a": tmp_path / "a.wav"}
    Parrot.calls = 0
    first = transcribe_many(Parrot(), files, language="en", progress=False)
    assert list(first) == ["b", "a"] and isinstance(first["b"], UnusableAudioError)
    again = transcribe_many(Parrot(), files, language="en", progress=False)
    assert again["a"] == first["a"] and Parrot.calls == 1
    (file,) = (cache_folder() / "transcripts").rglob("*.json")
    file.write_text(file.read_text()[:20])
    assert transcribe_many(Parrot(), files, language="en", progress=False)["a"] == first["a"] and Parrot.calls == 2
    transcribe_many(Parrot(), files, language="de", progress=False)
    assert Parrot.calls == 3
