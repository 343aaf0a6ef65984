"""A small corpus, a fast extractor, and what a store of its features has to hold."""

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from mtser.audio import read_audio
from mtser.features import FeatureStore, FrameExtractor, StoredFeatures, UnusableFeaturesError

Paths = dict[str, Path]


class Levels(FrameExtractor):
    """A fast extractor that counts its calls: means and extremes of frames of 10 ms."""

    dimension, frame_length, frame_step = 3, 0.01, 0.01

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.calls: list[int] = []

    def settings(self) -> dict[str, Any]:
        return {"class": "Levels", "version": self.version}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        self.calls.append(len(waveform))
        if len(waveform) < 160:
            raise UnusableFeaturesError("shorter than a frame", f"{len(waveform)} samples")
        frames = waveform[: len(waveform) // 160 * 160].reshape(-1, 160)
        return np.stack([frames.mean(axis=1), frames.min(axis=1), frames.max(axis=1)], axis=1) * self.version


def write_corpus(folder: Path, count: int, shortest: int = 800) -> Paths:
    """Noise files, each of its own length."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for number in range(count):
        paths[f"u{number:03}"] = folder / f"u{number:03}.wav"
        values = np.random.default_rng(number).uniform(-0.5, 0.5, shortest + 160 * number)
        soundfile.write(paths[f"u{number:03}"], values, 16000)
    return paths


def shards(store: FeatureStore) -> list[Path]:
    return sorted(store.folder.glob("*/*.features"))


def leftovers(store: FeatureStore) -> list[Path]:
    return [path for path in store.folder.rglob(".*") if path.is_file()]


def check(found: StoredFeatures, paths: Paths, extractor: FrameExtractor | None = None) -> None:
    """All features are there, and right."""
    assert list(found) == list(paths) and not found.failures
    for id, path in paths.items():
        assert np.array_equal(found[id], (extractor or Levels()).extract(read_audio(path)).astype(np.float32))
