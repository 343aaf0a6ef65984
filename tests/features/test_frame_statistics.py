"""Mean and standard deviation of frames."""

import numpy as np

from mtser.features import FrameStatistics, TorchMFCC


def test_as_computed_slowly() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    frames = TorchMFCC().extract(noise)
    (found,) = FrameStatistics(TorchMFCC()).extract(noise)
    assert found.dtype == np.float32 and len(found) == FrameStatistics(TorchMFCC()).dimension == 78
    for value in range(39):
        column = [float(frame[value]) for frame in frames]
        mean = sum(column) / len(column)
        np.testing.assert_allclose(found[value], mean, rtol=1e-5, atol=1e-6)
        deviation = (sum((one - mean) ** 2 for one in column) / len(column)) ** 0.5
        np.testing.assert_allclose(found[39 + value], deviation, rtol=1e-5, atol=1e-6)


def test_settings_hold_those_of_the_frames() -> None:
    short, long = (FrameStatistics(TorchMFCC(frame_length=length)).settings() for length in (0.02, 0.025))
    assert short != long and short["extractor"] == TorchMFCC(frame_length=0.02).settings()
