"""Prosody contours: what the six values are, against plain computations and openSMILE."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.audio import SAMPLE_RATE, read_audio
from mtser.errors import FeatureError
from mtser.features import OpenSmileFrames, ProsodyContours, UnusableFeaturesError
from mtser.features.framing import sixteen_bit
from mtser.features.pitch import PitchTracker


def buzz(hertz: float, seconds: float, level: float = 0.1) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    waveform = sum(np.cos(2 * np.pi * hertz * k * time) / k for k in range(1, int(7900 / hertz)))
    return (level * waveform / np.abs(waveform).max()).astype(np.float32)


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.03, round(seconds * SAMPLE_RATE)).astype(np.float32)


def test_the_three_contours() -> None:
    waveform = np.concatenate([buzz(110, 0.6), buzz(220, 0.6, level=0.05)])
    extractor = ProsodyContours(frame_step=0.010)
    features = extractor.extract(waveform)
    assert features.dtype == np.float32 and features.shape == (117, 6) == (117, extractor.dimension)
    np.testing.assert_allclose(features[:54, 0], np.log(110), atol=0.01)
    np.testing.assert_allclose(features[63:, 0], np.log(220), atol=0.01)
    assert (np.delete(features[:, 1], range(54, 63)) > 0.95).all() and features[:, 1].max() <= 1.0
    for start, stop in ((0, 54), (63, 117)):
        frames = np.lib.stride_tricks.sliding_window_view(waveform, 640)[::160][start:stop] * 32768.0
        np.testing.assert_allclose(features[start:stop, 2], np.log(np.sqrt((frames**2).mean(axis=1))), atol=1e-3)


def test_deltas() -> None:
    features = ProsodyContours().extract(np.concatenate([buzz(110, 0.4), noise(0.3), buzz(200, 0.4)]))
    static = features[:, :3].astype(np.float64)
    count = len(static)
    for t in range(count):
        at = [static[min(max(t + k, 0), count - 1)] for k in (-2, -1, 0, 1, 2)]
        np.testing.assert_allclose(features[t, 3:], (2 * (at[4] - at[0]) + at[3] - at[1]) / 10, atol=1e-5)


def test_pitch_is_interpolated_where_there_is_none_and_held_at_the_ends() -> None:
    waveform = np.concatenate([noise(0.3), buzz(100, 0.3), noise(0.5, 1), buzz(200, 0.3), noise(0.3, 2)])
    extractor = ProsodyContours(frame_step=0.010)
    pitch = extractor.extract(waveform)[:, 0]
    frames = torch.from_numpy(sixteen_bit(waveform, 640)).double().unfold(0, 640, 160)
    hertz = PitchTracker(640, 160).track(frames)[0].numpy()
    voiced = np.flatnonzero(hertz)
    assert 40 < len(voiced) < 70
    np.testing.assert_allclose(pitch[voiced], np.log(hertz[voiced]), atol=1e-5)
    np.testing.assert_allclose(pitch[: voiced[0]], np.log(hertz[voiced[0]]), atol=1e-5)
    np.testing.assert_allclose(pitch[voiced[-1] :], np.log(hertz[voiced[-1]]), atol=1e-5)
    gap = np.diff(voiced).argmax()
    line = pitch[voiced[gap] : voiced[gap + 1] + 1]
    assert len(line) > 40
    np.testing.assert_allclose(line, np.linspace(line[0], line[-1], len(line)), atol=1e-5)


def test_without_any_pitch_it_is_the_middle_of_the_range() -> None:
    for waveform in (np.zeros(8000, np.float32), noise(0.045)):
        features = ProsodyContours().extract(waveform)
        np.testing.assert_allclose(features[:, 0], np.log(np.sqrt(75 * 600)), rtol=1e-6)
        assert np.isfinite(features).all() and (features[:, 3] == 0).all()
    assert (ProsodyContours().extract(np.zeros(8000, np.float32))[:, [1, 2, 4, 5]] == 0).all()


def test_as_opensmile_on_real_speech(shared_data: Path) -> None:
    pytest.importorskip("opensmile", reason="openSMILE is an extra")
    theirs, ours = OpenSmileFrames("prosody"), PitchTracker(880, 160)  # frames of 55 ms, as openSMILE has them
    agreed, semitones = [], []
    paths = [*(shared_data / "emodb" / "wav").glob("*.wav")], [*(shared_data / "ravdess").glob("*/*.flac")]
    for path in sorted(paths[0])[::25] + sorted(paths[1])[::48]:
        waveform = read_audio(path)
        frames = torch.from_numpy(sixteen_bit(waveform, 880)).double().unfold(0, 880, 160)
        mine, other = ours.track(frames)[0].numpy(), theirs.extract(waveform)[:, 0]
        mine, other = mine[: len(other)], other[: len(mine)]
        agreed.append((mine > 0) == (other > 0))
        both = (mine > 0) & (other > 0)
        semitones.append(12 * np.log2(mine[both] / other[both]))
    difference = np.abs(np.concatenate(semitones))
    assert len(difference) > 2000 and np.median(difference) < 0.1
    assert (difference > 1).mean() < 0.04 and np.concatenate(agreed).mean() > 0.8


@pytest.mark.parametrize("n_frames", [1, 2, 3, 5])
def test_short_utterances(n_frames: int) -> None:
    waveform = buzz(150, 1.0)[: 640 + 240 * (n_frames - 1) + 100]
    features = ProsodyContours().extract(waveform)
    assert features.shape == (n_frames, 6) and np.isfinite(features).all()
    np.testing.assert_allclose(features[:, 0], np.log(150), atol=0.01)


@pytest.mark.parametrize("n_samples", [0, 160, 639])
def test_shorter_than_a_frame(n_samples: int) -> None:
    with pytest.raises(UnusableFeaturesError, match="shorter than a frame"):
        ProsodyContours().extract(buzz(150, 1.0)[:n_samples])


def test_non_finite_samples_are_an_error() -> None:
    waveform = buzz(150, 0.5)
    waveform[5] = np.nan
    with pytest.raises(UnusableFeaturesError, match="NaN"):
        ProsodyContours().extract(waveform)


def test_loud_and_clipped_audio_is_finite() -> None:
    features = ProsodyContours().extract(10 * buzz(150, 0.5, level=1.0))
    assert np.isfinite(features).all() and features[:, 2].max() <= np.log(32768)


def test_the_same_in_any_thread_and_after_pickling() -> None:
    extractor = ProsodyContours()
    waveforms = [buzz(100 + 30 * number, 0.2 + 0.05 * number) for number in range(8)]
    expected = [extractor.extract(waveform) for waveform in waveforms]
    with ThreadPoolExecutor(4) as pool:
        for number, features in enumerate(pool.map(pickle.loads(pickle.dumps(extractor)).extract, waveforms * 4)):
            assert np.array_equal(features, expected[number % 8])


def test_settings_and_options() -> None:
    every = [ProsodyContours(), ProsodyContours(0.050), ProsodyContours(frame_step=0.010)]
    assert len({str(extractor.settings()) for extractor in every}) == 3
    with pytest.raises(FeatureError, match="frame_length = 40 s"):
        ProsodyContours(frame_length=40)
    with pytest.raises(FeatureError, match=r"frame_length = 0.005 s is too short for pitch: .* more than 0.005 s"):
        ProsodyContours(frame_length=0.005)
    assert ProsodyContours(frame_length=0.0051).extract(buzz(599, 0.2)).shape == (13, 6)
