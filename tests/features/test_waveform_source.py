"""Features of waveforms in memory."""

from typing import Any

import numpy as np

from mtser.features.extractor import UtteranceExtractor
from mtser.features.waveform_source import WaveformSource


class Peak(UtteranceExtractor):
    """The greatest sample, found in place."""

    dimension = 1

    def __init__(self, name: str) -> None:
        self.name = name

    def settings(self) -> dict[str, Any]:
        return {"class": self.name, "version": 1}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        peak = np.abs(waveform).max(keepdims=True)[None].copy()
        waveform[:] = 0
        return peak


def test_an_extractor_may_write_into_what_it_is_given() -> None:
    sound = np.linspace(-0.25, 0.5, 16000, dtype=np.float32)
    source = WaveformSource({"u": sound}, {"u": ["oh"]})
    assert [source.features(Peak(name))["u"].item() for name in ("first", "second")] == [0.5, 0.5]
    assert sound.max() == 0.5
