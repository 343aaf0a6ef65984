"""What both MFCC extractors share: options and sizes."""

from typing import Any

from mtser.errors import FeatureError
from mtser.features.framing import WholeSampleFrames
from mtser.features.mel import n_bins


class MFCC(WholeSampleFrames):
    """Mel-frequency cepstral coefficients with deltas and accelerations.

    Parameters
    ----------
    frame_length, frame_step
        In seconds, rounded to whole samples at 16 kHz.
    n_coefficients
        Cepstral coefficients from C0 on; a frame has three times as many values.
    n_mel
        Mel bands from 0 to 8000 Hz.

    Raises
    ------
    FeatureError
        If an option cannot be used.
    """

    def __init__(
        self, frame_length: float = 0.025, frame_step: float = 0.015, n_coefficients: int = 13, n_mel: int = 26
    ) -> None:
        super().__init__(frame_length, frame_step)
        bins = n_bins(self._length)
        if not 2 <= n_coefficients <= n_mel <= bins:  # openSMILE takes no vector of one value
            raise FeatureError(
                f"n_coefficients = {n_coefficients} and n_mel = {n_mel} cannot be used: the spectrum of a frame has "
                f"{bins} bins, there may be no more bands than that, no more coefficients than bands, and no fewer "
                "than two."
            )
        self.n_coefficients = n_coefficients
        self.n_mel = n_mel

    @property
    def dimension(self) -> int:
        """Values a frame."""
        return 3 * self.n_coefficients

    def settings(self) -> dict[str, Any]:
        """What determines the numbers, but for what computes them."""
        return {**super().settings(), "n_coefficients": self.n_coefficients, "n_mel": self.n_mel}
