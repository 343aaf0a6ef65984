"""The pitch tracker: tones of known pitch, a plain autocorrelation, and all paths one by one."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.audio import SAMPLE_RATE
from mtser.features.pitch import PitchTracker, best_path


def tone(hertz: float, seconds: float = 0.5, tilt: float = 1.0, seed: int = 0) -> np.ndarray:
    """All harmonics below 7900 Hz, in 16-bit units; their levels fall with their number to the power of ``tilt``."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, int(7900 / hertz) + 1)
    waveform = sum(np.cos(2 * np.pi * hertz * k * time + phases[k]) / k**tilt for k in range(1, int(7900 / hertz) + 1))
    return waveform / np.abs(waveform).max() * 10000


def track(waveform: np.ndarray, length: int = 640, step: int = 160) -> tuple[np.ndarray, np.ndarray]:
    frames = torch.from_numpy(waveform).double().unfold(0, length, step)
    frequency, periodicity = PitchTracker(length, step).track(frames)
    return frequency.numpy(), periodicity.numpy()


@pytest.mark.parametrize("hertz", [78, 90.5, 131, 177, 220, 311.3, 440, 523, 585])
@pytest.mark.parametrize("tilt", [0.0, 1.0, 30.0])
def test_tones_have_their_pitch(hertz: float, tilt: float) -> None:
    frequency, periodicity = track(tone(hertz, tilt=tilt))
    np.testing.assert_allclose(frequency, hertz, rtol=0.01)
    assert (periodicity > 0.9).all()


def test_pitches_that_cannot_be() -> None:
    assert PitchTracker(640, 160).lowest == 75.0 and PitchTracker(800, 160).lowest == 60.0
    frequency, _ = track(tone(62), length=800)
    np.testing.assert_allclose(frequency, 62, rtol=0.01)
    assert track(tone(65, tilt=30))[0].max() == 0.0  # too low for 40 ms
    frequency, _ = track(tone(1000))
    assert frequency.max() <= 600.0


def test_noise_and_silence_are_unvoiced() -> None:
    frequency, periodicity = track(np.random.default_rng(0).normal(0, 1000, 16000))
    assert (frequency == 0).mean() > 0.97 and periodicity.mean() < 0.5
    frequency, periodicity = track(np.zeros(16000))
    assert (frequency == 0).all() and (periodicity == 0).all()
    frequency, _ = track(np.full(16000, 300.0))  # a constant is no sound
    assert (frequency == 0).all()


def test_what_is_far_softer_is_silent() -> None:
    frequency, periodicity = track(np.concatenate([tone(200), 0.005 * tone(200)]))
    middle = len(frequency) // 2
    assert (frequency[: middle - 4] > 0).all() and (frequency[middle + 4 :] == 0).all()
    assert (periodicity[middle + 4 :] > 0.9).all()


def test_loudness_does_not_matter() -> None:
    waveform = tone(170) + np.random.default_rng(0).normal(0, 300, 8000)
    for found, expected in zip(track(3.0 * waveform), track(waveform), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_glide_is_followed() -> None:
    time = np.arange(16000) / SAMPLE_RATE
    hertz = 100 * 3**time
    waveform = 1000 * sum(np.sin(2 * np.pi * k * np.cumsum(hertz) / SAMPLE_RATE) / k for k in range(1, 15))
    frequency, _ = track(waveform)
    centres = np.arange(len(frequency)) * 0.01 + 0.02
    np.testing.assert_allclose(frequency, 100 * 3**centres, rtol=0.015)


def test_periodicity_is_the_normalised_autocorrelation() -> None:
    """Boersma's equations 8 and 9 as sums, of a signal that has nothing to fade out."""
    random = np.random.default_rng(1)
    frame = tone(160, 0.04, tilt=3.0) + 2000 * np.sin(2 * np.pi * 237 * np.arange(640) / SAMPLE_RATE + 1)
    frame += random.normal(0, 1, 640)
    _, periodicity = track(frame)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1, 641) / 641)
    windowed = (frame - frame.mean()) * window
    correlation = lambda values, lag: (values[: len(values) - lag] * values[lag:]).sum()  # noqa: E731
    normalised = [
        correlation(windowed, lag) / correlation(windowed, 0) * correlation(window, 0) / correlation(window, lag)
        for lag in range(27, 214)
    ]
    maxima = [b for a, b, c in zip(normalised, normalised[1:], normalised[2:], strict=False) if a < b > c]
    np.testing.assert_allclose(periodicity, [max(maxima)], atol=0.02)


def test_many_frames_at_once_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    waveform = np.concatenate([tone(120), np.zeros(3000), tone(250)])
    expected = track(waveform)
    monkeypatch.setattr("mtser.features.pitch._FRAMES_AT_ONCE", 7)
    for found, whole in zip(track(waveform), expected, strict=True):
        np.testing.assert_allclose(found, whole, rtol=1e-12)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 4))
def test_the_best_path_is_the_best_of_all(seed: int, n_frames: int, n_candidates: int) -> None:
    random = np.random.default_rng(seed)
    frequencies = random.uniform(75, 600, (n_frames, n_candidates)) * random.integers(0, 2, (n_frames, n_candidates))
    strengths = random.uniform(0, 1, (n_frames, n_candidates))
    jump, change = random.uniform(0, 1, 2)

    def worth(path: tuple[int, ...]) -> float:
        total = strengths[range(n_frames), path].sum()
        pitches = frequencies[range(n_frames), path]
        for before, here in zip(pitches, pitches[1:], strict=False):
            if (before > 0) != (here > 0):
                total -= change
            elif before > 0:
                total -= jump * abs(np.log2(here / before))
        return float(total)

    best = max(map(worth, product(range(n_candidates), repeat=n_frames)))
    assert worth(tuple(best_path(frequencies, strengths, jump, change))) == pytest.approx(best)


def test_a_candidate_that_must_not_be_taken_is_not() -> None:
    frequencies = np.array([[0.0, 100.0], [0.0, 75.0], [0.0, 100.0]])
    strengths = np.array([[0.0, 0.9], [0.1, -np.inf], [0.0, 0.9]])
    assert best_path(frequencies, strengths, 0.3, 0.1).tolist() == [1, 0, 1]
