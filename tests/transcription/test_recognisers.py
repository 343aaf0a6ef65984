"""Whisper and pocketsphinx on speech, and on what is none."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mtser.alignment.split import split_words
from mtser.audio import read_audio
from mtser.errors import ConfigError, ModelError, MtserError
from mtser.transcription import Transcriber
from mtser.transcription.sphinx import SphinxTranscriber
from mtser.transcription.whisper import WhisperTranscriber, _is_made_up


@pytest.fixture(scope="module", params=["whisper", "pocketsphinx"])
def transcriber(request: pytest.FixtureRequest) -> Transcriber:
    if request.param == "whisper":
        return WhisperTranscriber(str(request.getfixturevalue("tiny")), device="cpu")
    pytest.importorskip("pocketsphinx")
    return SphinxTranscriber()


def test_real_speech_is_understood(transcriber: Transcriber, shared_data: Path) -> None:
    files = [sorted((shared_data / "ravdess" / "Actor_01").glob(f"*-01-01-0{n}-01-01.*"))[0] for n in (1, 2)]
    pause = np.zeros(16000, np.float32)
    found = transcriber.transcribe(np.concatenate([read_audio(files[0]), pause, read_audio(files[1])]), "en")
    words = [word.lower() for word in split_words(found.text)]
    assert len(found.segments) == 2 and found.language == "en"
    assert {"by", "the", "door", "dogs"} <= set(words)
    for segment in found.segments:
        assert segment.end > segment.start and 0 < (segment.confidence or 0) <= 1
    assert found.segments[0].end <= found.segments[1].start


def test_silence_and_noise_have_no_words(transcriber: Transcriber) -> None:
    pytest.importorskip("faster_whisper")
    noise = np.random.default_rng(0).normal(0, 0.2, 80000).astype(np.float32)
    for samples in (np.zeros(0, np.float32), np.zeros(1600, np.float32), np.zeros(80000, np.float32), noise):
        assert transcriber.transcribe(samples).segments == ()


def test_the_same_recording_has_the_same_text(transcriber: Transcriber, say: Callable[[str], np.ndarray]) -> None:
    one, two = say("I do not know what you mean."), say("The old house is at the end of the street.")
    first = transcriber.transcribe(one, "en")
    transcriber.transcribe(two, "en")
    assert transcriber.transcribe(one, "en") == first
    assert transcriber.settings() == transcriber.settings()


def test_other_languages_are_refused_by_english_models(
    transcriber: Transcriber, say: Callable[[str], np.ndarray]
) -> None:
    with pytest.raises(ConfigError, match="English only, not|English only; not|knows English only"):
        transcriber.transcribe(say("I do not know what you mean."), "de")


def test_english_of_a_country_is_understood(transcriber: Transcriber, say: Callable[[str], np.ndarray]) -> None:
    speech = say("I do not know what you mean.")
    assert transcriber.transcribe(speech, "en-GB").text == transcriber.transcribe(speech, "en").text != ""


@pytest.mark.parametrize(
    ("heard", "made_up"),
    [
        ({}, False),
        ({"avg_logprob": -1.2}, True),
        ({"no_speech_prob": 0.9}, False),  # but it is sure of the words
        ({"no_speech_prob": 0.9, "avg_logprob": -0.7}, True),
        ({"compression_ratio": 3.0}, False),  # said several times
        ({"compression_ratio": 3.0, "text": " so" * 100}, True),
    ],
)
def test_what_was_hardly_said_is_left_out(heard: dict, made_up: bool) -> None:
    sure = {"avg_logprob": -0.2, "no_speech_prob": 0.1, "compression_ratio": 1.1, "text": "oh no"}
    assert _is_made_up(SimpleNamespace(**{**sure, **heard}), 5.0) is made_up


def test_models_that_are_none_are_named(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(ModelError, match="no model of faster-whisper can be loaded"):
        WhisperTranscriber(str(tmp_path)).load()
    with pytest.raises(ModelError, match="no/such of faster-whisper is neither a folder nor on the Hugging Face hub"):
        WhisperTranscriber("no/such").load()


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, say: Callable[[str], np.ndarray]) -> None:
    speech = say("I do not know what you mean.")
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(MtserError, match=r"pip install mtser\[speech\]"):
        SphinxTranscriber().transcribe(speech)
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    monkeypatch.setitem(sys.modules, "faster_whisper.utils", None)
    with pytest.raises(MtserError, match=r"pip install mtser\[speech\]"):
        WhisperTranscriber("small").load()
