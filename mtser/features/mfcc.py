"""What both MFCC extractors share: options and sizes."""

from typing import Any

from torch import Tensor

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
    log_energy
        A frame's log energy (:func:`log_energies`) in the place of C0.

    Raises
    ------
    FeatureError
        If an option cannot be used.
    """

    def __init__(
        self,
        frame_length: float = 0.025,
        frame_step: float = 0.015,
        n_coefficients: int = 13,
        n_mel: int = 26,
        log_energy: bool = False,
    ) -> None:
        super().__init__(frame_length, frame_step)
        bins = n_bins(self._length)
        if not 2 <= n_coefficients <= n_mel <= bins:  # openSMILE takes no vector of one value
            raise FeatureError(
                f"n_coefficients = {n_coefficients} and n_mel = {n_mel} cannot be used: the spectrum of a frame has "
                f"{bins} bins, there may be no more bands than that, no more coefficients than bands, and no fewer "
                "than two."
            )
        if not isinstance(log_energy, bool):
            raise FeatureError(f"log_energy = {log_energy!r} cannot be used; it is true or false.")
        self.n_coefficients = n_coefficients
        self.n_mel = n_mel
        self.log_energy = log_energy

    @property
    def dimension(self) -> int:
        """Values a frame."""
        return 3 * self.n_coefficients

    def settings(self) -> dict[str, Any]:
        """What determines the numbers, but for what computes them."""
        energy = {"log_energy": True} if self.log_energy else {}
        return {**super().settings(), "n_coefficients": self.n_coefficients, "n_mel": self.n_mel, **energy}


def log_energies(frames: Tensor) -> Tensor:
    """HTK's log energy, ``log Σ x²`` over the 16-bit samples of a frame as they are; sums below 1 count as 1.

    Neither pre-emphasis nor window are in it. openSMILE's ``cEnergy`` with ``htkcompatible`` has the same numbers.

    Parameters
    ----------
    frames
        float64 ``[frames, samples]``.

    Returns
    -------
    Tensor
        ``[frames, 1]``.

    Example
    -------
    >>> import torch
    >>> log_energies(torch.tensor([[3.0, -4.0], [0.0, 0.0]], dtype=torch.float64)).exp().squeeze().tolist()
    [25.0, 1.0]
    """
    return frames.square().sum(1, keepdim=True).clamp(min=1.0).log()
