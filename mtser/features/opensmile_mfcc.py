"""MFCC through openSMILE."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mtser.errors import FeatureError
from mtser.features.deltas import with_deltas
from mtser.features.framing import sixteen_bit
from mtser.features.mfcc import MFCC, log_energies
from mtser.features.opensmile_runner import OpenSmileRunner

CONFIGURATION = Path(__file__).with_name("mfcc.conf")
"""The openSMILE configuration."""


class OpenSmileMFCC(MFCC):
    """MFCC with deltas and accelerations by openSMILE, HTK-compatible.

    The values are those of openSMILE's ``MFCC12_0_D_A.conf`` (HTK's ``MFCC_0_D_A``) with another frame step, and
    with C0 in front: C0 … C12, their deltas, their accelerations. What openSMILE does, in this order:

    - samples are 16-bit integers (:func:`~mtser.features.framing.sixteen_bit`);
    - frame j starts at sample ``j * step``; an incomplete last frame is dropped;
    - pre-emphasis within each frame: ``y[n] = x[n] - 0.97 x[n-1]``, ``y[0] = 0.03 x[0]``;
    - Hamming window, symmetric: ``0.54 - 0.46 cos(2πn / (length - 1))``;
    - power spectrum, zero-padded to the next power of two (512 for 25 ms);
    - triangular filters, equidistant on ``mel = 1127 ln(1 + f/700)`` from 0 to 8000 Hz, linear in mel, without the
      bins at 0 and 8000 Hz; the sums refer to samples of ±32767;
    - natural logarithm, sums below 1 count as 1;
    - cosine transform ``√(2/bands) Σ_m log E_m cos(πi(m + ½)/bands)``, times ``1 + 11 sin(πi/22)``;
    - deltas and accelerations as in :func:`~mtser.features.deltas.with_deltas`. In utterances of fewer than four
      frames openSMILE takes frames behind the end for zeros; there, and only there, that function makes the deltas.

    openSMILE is free for research, not for products (audEERING's licence);
    :class:`~mtser.features.torch_mfcc.TorchMFCC` gives the same numbers without it.

    Parameters
    ----------
    frame_length, frame_step
        In seconds, rounded to whole samples at 16 kHz.
    n_coefficients
        Cepstral coefficients from C0 on; a frame has three times as many values.
    n_mel
        Mel bands.
    log_energy
        A frame's log energy in the place of C0: the values of ``MFCC12_E_D_A.conf`` (HTK's ``MFCC_E_D_A``), with the
        energy in front.

    Raises
    ------
    FeatureError
        If an option cannot be used; at the first use, if openSMILE is not installed.

    Example
    -------
    >>> extractor = OpenSmileMFCC()
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> extractor.extract(noise).shape
    (66, 39)
    """

    @cached_property
    def _smile(self) -> OpenSmileRunner:
        options = {
            "frameLength": self._length,
            "frameStep": self._step,
            "lastCoefficient": self.n_coefficients - 1,
            "nMel": self.n_mel,
        }
        return OpenSmileRunner(CONFIGURATION, "features", options, "TorchMFCC, which has the same numbers")

    def settings(self) -> dict[str, Any]:
        """What determines the numbers; the configuration file is part of it."""
        return {**super().settings(), **self._smile.settings()}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance: ``[samples]`` → float32 ``[frames, 3 * n_coefficients]``."""
        samples = sixteen_bit(waveform, self._length)
        n_frames = 1 + (len(samples) - self._length) // self._step
        features = self._smile.run(samples)
        if len(features) != n_frames:
            raise FeatureError(f"openSMILE gave {len(features)} frames instead of {n_frames}")
        if n_frames < 4:
            static = torch.from_numpy(features[:, : self.n_coefficients]).double()
            features = with_deltas(static).float().numpy()
        if self.log_energy:
            frames = torch.from_numpy(samples).double().unfold(0, self._length, self._step)
            features[:, :: self.n_coefficients] = with_deltas(log_energies(frames)).numpy()
        return features
