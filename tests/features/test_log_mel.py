"""The log-mel spectrogram, against a slow computation and odd audio."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from mtser.audio import SAMPLE_RATE
from mtser.errors import ConfigError, FeatureError
from mtser.features import LogMel, UnusableFeaturesError


def noise(n_samples: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.normal(0, 0.1, n_samples) * random.uniform(0, 1)).astype(np.float32)


def slow_log_mel(waveform: np.ndarray, length: int, step: int, n_mel: int, floor: float) -> np.ndarray:
    """Frame by frame and band by band; the Fourier transform as a sum."""
    samples = np.clip(np.rint(waveform.astype(np.float64) * 32768), -32768, 32767)
    n_fft = 2 ** int(np.ceil(np.log2(length)))
    bins = np.arange(n_fft // 2 + 1)
    edges = 700 * (np.exp(np.linspace(0, 1127 * np.log(1 + 8000 / 700), n_mel + 2) / 1127) - 1)
    mel = lambda hertz: 1127 * np.log(1 + hertz / 700)  # noqa: E731
    rows = []
    for start in range(0, len(samples) - length + 1, step):
        window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(length) / (length - 1))
        windowed = samples[start : start + length] * window
        spectrum = np.exp(-2j * np.pi * np.outer(bins, np.arange(length)) / n_fft) @ windowed
        row = []
        for low, centre, high in zip(edges, edges[1:], edges[2:], strict=False):
            energy = 0.0
            for k in range(1, n_fft // 2):
                hertz = k * SAMPLE_RATE / n_fft
                rising = (mel(hertz) - mel(low)) / (mel(centre) - mel(low))
                falling = (mel(high) - mel(hertz)) / (mel(high) - mel(centre))
                energy += abs(spectrum[k]) ** 2 * max(0.0, min(rising, falling))
            row.append(np.log(max(energy, floor)))
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize(
    ("length", "step", "n_mel", "floor"), [(512, 256, 64, 1.0), (400, 160, 23, 1.0), (640, 320, 40, 1e6)]
)
def test_as_the_slow_computation(length: int, step: int, n_mel: int, floor: float) -> None:
    waveform = noise(2000)
    extractor = LogMel(length / SAMPLE_RATE, step / SAMPLE_RATE, n_mel, floor)
    features = extractor.extract(waveform)
    assert features.dtype == np.float32 and features.shape == (1 + (2000 - length) // step, n_mel)
    assert (extractor.frame_length, extractor.frame_step) == (length / SAMPLE_RATE, step / SAMPLE_RATE)
    np.testing.assert_allclose(features, slow_log_mel(waveform, length, step, n_mel, floor), rtol=1e-6, atol=1e-5)


def test_a_tone_is_in_its_band() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    loudest = LogMel(n_mel=40).extract(tone).argmax(axis=1)
    centres = 700 * (np.exp(np.linspace(0, np.log(1 + 8000 / 700), 42)[1:-1]) - 1)
    assert set(loudest) == {np.abs(centres - 1000).argmin()}


def test_silence_is_the_floor() -> None:
    assert (LogMel().extract(np.zeros(SAMPLE_RATE, np.float32)) == 0).all()
    np.testing.assert_allclose(LogMel(floor=0.01).extract(np.zeros(SAMPLE_RATE, np.float32)), np.log(0.01))


@pytest.mark.parametrize("n_samples", [0, 160, 511])
def test_shorter_than_a_frame(n_samples: int) -> None:
    with pytest.raises(UnusableFeaturesError, match=f"shorter than a frame .{n_samples / 16000:.3f} s"):
        LogMel().extract(noise(n_samples))
    assert LogMel().extract(noise(512)).shape == (1, 64)


def test_non_finite_samples_are_an_error() -> None:
    waveform = noise(1000)
    waveform[5] = np.inf
    with pytest.raises(UnusableFeaturesError, match="NaN or infinite"):
        LogMel().extract(waveform)


def test_the_same_in_any_thread_and_after_pickling() -> None:
    extractor = LogMel()
    waveforms = [noise(3000 + 500 * number, number) for number in range(8)]
    expected = [extractor.extract(waveform) for waveform in waveforms]
    with ThreadPoolExecutor(4) as pool:
        for number, features in enumerate(pool.map(pickle.loads(pickle.dumps(extractor)).extract, waveforms * 4)):
            assert np.array_equal(features, expected[number % 8])


def test_settings_tell_extractors_apart() -> None:
    every = [LogMel(), LogMel(0.025), LogMel(frame_step=0.01), LogMel(n_mel=40), LogMel(floor=2)]
    assert len({str(extractor.settings()) for extractor in every}) == 5
    assert LogMel(floor=1).settings() == LogMel().settings()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_mel": 258}, "n_mel = 258 .* 257 bins"),
        ({"n_mel": 0}, "n_mel is 0"),
        ({"n_mel": 40.0}, "n_mel is 40.0"),
        ({"floor": 0.0}, "floor = 0.0"),
        ({"floor": float("nan")}, "floor = nan"),
        ({"frame_length": 32}, "frame_length = 32 s"),
        ({"frame_step": 0.0}, "frame_step = 0 s"),
    ],
)
def test_options_that_cannot_be(options: dict[str, float], message: str) -> None:
    with pytest.raises((FeatureError, ConfigError), match=message):
        LogMel(**options)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same() -> None:
    np.testing.assert_allclose(LogMel(device="cuda").extract(noise(9000)), LogMel().extract(noise(9000)), atol=1e-5)
