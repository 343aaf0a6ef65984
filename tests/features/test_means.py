"""Means over the frames of words and utterances, against a slow loop."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.errors import ConfigError
from mtser.features import StoredFeatures, TorchMFCC, UtteranceMeans, WordFrames, WordMeans
from mtser.features.extractor import Extractor, FrameExtractor
from mtser.features.means import _single
from tests.helpers.synthetic import SyntheticSource, random_utterances

UTTERANCES = random_utterances(7)


class Two(FrameExtractor):
    """Two numbers a frame, frames centred on multiples of 20 ms."""

    dimension, frame_length, frame_step = 2, 0.0, 0.02

    def __init__(self, stored_as: str = "float16") -> None:
        self.stored_as = stored_as

    def settings(self) -> dict[str, Any]:
        return {"class": "Two"}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        raise AssertionError("these tests bring their own numbers")


class HalfSource(SyntheticSource):
    """The same noise in the extractor's precision."""

    def features(self, extractor: Extractor) -> StoredFeatures:
        found = super().features(extractor)
        return StoredFeatures({id: rows.astype(extractor.stored_as) for id, rows in found.items()}, {}, {}, extractor)


@pytest.mark.parametrize("precision", ["float16", "float32"])
def test_words(precision: str) -> None:
    source, extractor = HalfSource(UTTERANCES), Two(precision)
    rows = WordMeans(extractor, normalise="none").load(UTTERANCES, source)
    stored = source.features(extractor)
    expected = []
    for one in UTTERANCES:
        frames = stored[one.id].astype(np.float64)
        centres = np.arange(len(frames)) * 0.02
        for word in one.words:
            inside = [frame for frame, centre in zip(frames, centres, strict=True) if word.start <= centre < word.end]
            middle = (word.start + word.end) / 2
            expected.append(np.mean(inside, 0) if inside else frames[np.abs(centres - middle).argmin()])
    assert str(rows.values.dtype) == f"torch.{precision}" and rows.lengths.tolist() == [1] * len(expected)
    np.testing.assert_allclose(rows.values, expected, rtol=1e-3 if precision == "float16" else 1e-6)


def test_words_as_the_means_of_their_frames() -> None:
    source = SyntheticSource(UTTERANCES)
    frames = WordFrames(TorchMFCC(), "none", max_frames=1000).load(UTTERANCES, source)
    means = WordMeans(TorchMFCC(), "none").load(UTTERANCES, source)
    np.testing.assert_allclose(means.values, frames.mean_of_rows(), rtol=1e-5)


def test_utterances() -> None:
    source, extractor = HalfSource(UTTERANCES), Two()
    rows = UtteranceMeans(extractor, normalise="none").load(UTTERANCES, source)
    expected = [source.features(extractor)[one.id].astype(np.float64).mean(0) for one in UTTERANCES]
    np.testing.assert_allclose(rows.values, expected, rtol=1e-6)
    assert rows.lengths.tolist() == [1] * len(UTTERANCES)


@pytest.mark.parametrize("kind", [WordMeans, UtteranceMeans])
def test_by_speaker(kind: type[WordMeans] | type[UtteranceMeans]) -> None:
    rows = kind(Two("float32"), normalise="speaker").load(UTTERANCES, HalfSource(UTTERANCES)).values.numpy()
    repeats = [len(one.words) if kind is WordMeans else 1 for one in UTTERANCES]
    speakers = np.repeat([one.speaker for one in UTTERANCES], repeats)
    for speaker in set(speakers):
        np.testing.assert_allclose(rows[speakers == speaker].mean(0), 0, atol=1e-5)


@pytest.mark.parametrize("kind", [WordMeans, UtteranceMeans])
def test_nothing_and_options(kind: type[WordMeans] | type[UtteranceMeans], tmp_path: Path) -> None:
    assert kind(Two()).load([], HalfSource([])).values.shape == (0, 2)
    assert len({kind(Two()).key(), kind(Two(), normalise="none").key(), WordFrames(Two()).key()}) == 3
    with pytest.raises(ConfigError, match="normalise is 'utterance'; it can be train, speaker or none"):
        kind(Two(), normalise="utterance")


@given(st.integers(1, 40), st.integers(0, 9))
def test_half_precision_is_added_up_as_numpy_adds_it(n: int, seed: int) -> None:
    frames = (np.random.default_rng(seed).standard_normal((n, 7)) * 100).astype(np.float16)
    frames.flags.writeable = False  # as the store's are
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        single = _single(frames)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single.mean(0, dtype=np.float32), frames.mean(0, dtype=np.float32))
