"""The plainest functionals: mean and standard deviation of frames."""

from typing import Any

import numpy as np

from mtser.features.extractor import FrameExtractor, UtteranceExtractor


class FrameStatistics(UtteranceExtractor):
    """Mean and standard deviation over an utterance's frames of every value: one vector, without openSMILE if need be.

    Parameters
    ----------
    extractor
        Audio → frames.

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> extractor = FrameStatistics(TorchMFCC())
    >>> extractor.extract(np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)).shape
    (1, 78)
    """

    def __init__(self, extractor: FrameExtractor) -> None:
        self.extractor = extractor

    @property
    def dimension(self) -> int:
        """Twice that of a frame."""
        return 2 * self.extractor.dimension

    def settings(self) -> dict[str, Any]:
        """Those of the frames."""
        return {"class": type(self).__name__, "version": 1, "extractor": self.extractor.settings()}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """``[samples]`` → float32 ``[1, dimension]``: all means, then all standard deviations."""
        frames = self.extractor.extract(waveform).astype(np.float64)
        return np.concatenate([frames.mean(0), frames.std(0)])[None].astype(np.float32)
