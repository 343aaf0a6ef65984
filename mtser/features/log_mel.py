"""Log-mel spectrograms in PyTorch."""

from typing import Any

import numpy as np
import torch

from mtser.checks import check_whole_number
from mtser.errors import FeatureError
from mtser.features.framing import WholeSampleFrames, sixteen_bit
from mtser.features.mel import MelBands, n_bins


class LogMel(WholeSampleFrames):
    """Logarithms of mel band energies, frame by frame: a spectrogram.

    Hamming window, power spectrum, triangular filters from 0 to 8000 Hz (:class:`~mtser.features.mel.MelBands`),
    natural logarithm; no pre-emphasis. Energies refer to samples of ±32767, as in
    :class:`~mtser.features.torch_mfcc.TorchMFCC`. Computed in float64.

    The defaults are for spectrogram models such as that of Yenigalla et al., "Speech Emotion Recognition Using
    Spectrogram & Phoneme Embedding", Interspeech 2018, which are described with windows of 20 to 40 ms. The values are
    our reading: 32 ms (512 samples, so that nothing is padded for the Fourier transform), every 16 ms, 64 bands.

    Parameters
    ----------
    frame_length, frame_step
        In seconds, rounded to whole samples at 16 kHz.
    n_mel
        Mel bands.
    floor
        Energies below count as this: 1 is about what rounding to 16 bits leaves in a band.
    device
        Where to compute, for instance "cuda". Devices agree to float32 precision, so stored features do not depend
        on it.

    Raises
    ------
    FeatureError
        If an option cannot be used.

    Example
    -------
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> LogMel(n_mel=40).extract(noise).shape
    (61, 40)
    """

    def __init__(
        self,
        frame_length: float = 0.032,
        frame_step: float = 0.016,
        n_mel: int = 64,
        floor: float = 1.0,
        device: str = "cpu",
    ) -> None:
        super().__init__(frame_length, frame_step)
        check_whole_number("n_mel", n_mel)
        bins = n_bins(self._length)
        if n_mel > bins:
            raise FeatureError(f"n_mel = {n_mel} cannot be used: the spectrum of a frame has {bins} bins.")
        if not 0.0 < floor < float("inf"):
            raise FeatureError(f"floor = {floor} cannot be used: give a number above 0.")
        self.n_mel = n_mel
        self.floor = floor
        self.device = torch.device(device)
        self._bands = MelBands(n_mel, self._length, self.device)

    @property
    def dimension(self) -> int:
        """Values a frame."""
        return self.n_mel

    def settings(self) -> dict[str, Any]:
        """What determines the numbers."""
        version = {"version": 1, "torch": torch.__version__.split("+")[0]}
        return {**super().settings(), **version, "n_mel": self.n_mel, "floor": float(self.floor)}

    @torch.no_grad()
    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance: ``[samples]`` → float32 ``[frames, n_mel]``."""
        samples = torch.from_numpy(sixteen_bit(waveform, self._length)).to(self.device, torch.float64)
        energies = self._bands.energies(samples.unfold(0, self._length, self._step))
        return energies.clamp(min=self.floor).log().float().cpu().numpy()
