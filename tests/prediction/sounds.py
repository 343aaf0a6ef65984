"""Sounds that stand for speech."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile


def tone(seconds: float, rate: int = 16000, loudness: float = 0.5) -> np.ndarray:
    """A voice, as far as these tests need one."""
    return (loudness * np.sin(2 * np.pi * 150 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def talk(parts: Sequence[float], rate: int = 16000) -> np.ndarray:
    """Seconds of sound and of silence in turn, sound first."""
    made = [tone(seconds, rate) if i % 2 == 0 else np.zeros(round(seconds * rate)) for i, seconds in enumerate(parts)]
    return np.concatenate(made).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int = 16000) -> Path:
    """Write a WAV file, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path
