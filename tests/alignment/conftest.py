"""What the tests of alignment share: speech with exact word times, and a cache of their own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mtser.alignment.word import Word
from mtser.audio.reading import resample
from tests.helpers.voices import own_espeak

Said = tuple[np.ndarray, tuple[Word, ...]]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def say(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Said]:
    """A text → 16 kHz samples with 0.2 s of silence around them, and the words with their exact times."""
    espeak = own_espeak(tmp_path_factory.mktemp("espeak"))

    def said(text: str, voice: str = "en-us+f2") -> Said:
        spoken = espeak.say(text, voice, rate=160, pitch=50, pitch_range=50)
        samples = resample(spoken.samples.astype(np.float32) / 32768, spoken.sample_rate)
        rate = spoken.sample_rate
        words = tuple(Word(word, start / rate + 0.2, end / rate + 0.2) for word, start, end in spoken.words)
        noise = np.random.default_rng(0).normal(0, 1e-4, len(samples) + 6400)
        return (np.pad(samples, 3200) + noise).astype(np.float32), words

    return said
