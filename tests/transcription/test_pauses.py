"""Where somebody speaks."""

import importlib.util
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from mtser.transcription import pauses
from mtser.transcription.pauses import speech_segments


@pytest.fixture(params=["faster_whisper", "pocketsphinx"])
def detector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each of the packages, as if it were the only one."""
    pytest.importorskip(request.param)
    find = importlib.util.find_spec
    others = {"faster_whisper", "pocketsphinx"} - {request.param}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in others else find(name))
    pauses._model.cache_clear()
    yield request.param
    pauses._model.cache_clear()


def silence(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1e-4, int(seconds * 16000)).astype(np.float32)


def test_stretches_of_speech_are_found_between_pauses(detector: str, say: Callable[[str], np.ndarray]) -> None:
    one, two = say("I do not know what you mean."), say("The old house is at the end of the street.")
    recording = np.concatenate([silence(1.0), one, silence(1.5), two, silence(2.0)])
    bounds = np.cumsum([1.0, len(one) / 16000, 1.5, len(two) / 16000])
    found = speech_segments(recording)
    assert len(found) == 2
    for (start, end), (begin, stop) in zip(found, [(bounds[0], bounds[1]), (bounds[2], bounds[3])], strict=True):
        assert begin - 0.4 < start < begin + 0.15 and stop - 0.25 < end < stop + 0.45


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.1, 3.0])
def test_nobody_speaks_in_silence(detector: str, seconds: float) -> None:
    assert speech_segments(silence(seconds)) == []
    assert speech_segments(np.zeros(int(seconds * 16000), np.float32)) == []


def test_nobody_speaks_in_noise() -> None:
    pytest.importorskip("faster_whisper")
    assert speech_segments(np.random.default_rng(0).normal(0, 0.2, 160000).astype(np.float32)) == []


def test_portions_make_no_difference(say: Callable[[str], np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faster_whisper")
    sentence = np.concatenate([say("Why did you never call me back?"), silence(1.0)])
    recording = np.tile(sentence, 6)
    whole = speech_segments(recording)
    monkeypatch.setattr(pauses, "_PORTION", 5.0)
    assert len(whole) == 6
    np.testing.assert_allclose(speech_segments(recording), whole, atol=0.1)


def test_long_stretches_are_cut_where_speech_is_least_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    probability = np.full(1000, 0.9)
    probability[[300, 301, 302, 303]] = 0.1  # the longest run without speech
    probability[380] = 0.0
    probability[700] = 0.4  # no pause afterwards, but less likely
    monkeypatch.setattr(pauses, "_model", lambda: (lambda samples: probability[: len(samples) // 160], 160))
    found = speech_segments(np.zeros(160000, np.float32), longest=4.5, margin=0.0)
    assert found == [(0.0, 3.02), (3.02, 7.0), (7.0, 10.0)]


def test_clicks_are_no_speech_and_short_pauses_part_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    probability = np.zeros(300)
    probability[20:25] = 0.9
    probability[100:150] = 0.9
    probability[120:140] = 0.1
    monkeypatch.setattr(pauses, "_model", lambda: (lambda samples: probability[: len(samples) // 160], 160))
    samples = np.zeros(48000, np.float32)
    assert speech_segments(samples, margin=0.0) == [(1.0, 1.5)]
    assert speech_segments(samples, margin=0.0, least_pause=0.1) == [(1.0, 1.2), (1.4, 1.5)]
    assert speech_segments(samples, margin=0.2, least_pause=0.1) == [(0.8, 1.3), (1.3, 1.7)]
