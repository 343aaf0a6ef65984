"""Contours of pitch, voicing and loudness in PyTorch."""

from typing import Any

import numpy as np
import torch

from mtser.features.deltas import with_deltas
from mtser.features.framing import WholeSampleFrames, sixteen_bit
from mtser.features.pitch import PitchTracker


class ProsodyContours(WholeSampleFrames):
    """Pitch, voicing and loudness of every frame, and their deltas: six values.

    - log F0, the natural logarithm of the pitch in hertz (:class:`~mtser.features.pitch.PitchTracker`). In unvoiced
      frames it is **interpolated** on a straight line between the voiced neighbours and held before the first and
      behind the last, so that normalisation and deltas see no steps; where no frame of an utterance is voiced, it is
      the middle of the range, ``log √(lowest · highest)``;
    - voicing, how much one period is like the next, from 0 to 1: it tells where log F0 is not a real one;
    - loudness, the natural logarithm of the frame's root mean square in 16-bit samples, at least 1 (so: 0 to 10.4);
    - their deltas (:func:`~mtser.features.deltas.with_deltas`).

    Without openSMILE and its licence; :class:`~mtser.features.opensmile_features.OpenSmileFrames` ("prosody") has
    openSMILE's contours. With frames of equal length both agree whether a frame is voiced in 86 % of the frames of 68
    utterances of EmoDB and 93 % of 40 of RAVDESS; of the frames that both call voiced, 2 % and 1.4 % differ by more
    than a semitone.

    Parameters
    ----------
    frame_length, frame_step
        In seconds, rounded to whole samples at 16 kHz. A frame has three periods of the lowest pitch: 75 Hz for 40 ms.

    Raises
    ------
    FeatureError
        If an option cannot be used.

    Example
    -------
    >>> time = np.arange(16000) / 16000
    >>> glide = np.sign(np.sin(2 * np.pi * (100 + 50 * time) * time)).astype(np.float32) * 0.1  # 100 to 200 Hz
    >>> frames = ProsodyContours().extract(glide)
    >>> frames.shape, round(float(np.exp(frames[32, 0])))  # 0.5 s
    ((65, 6), 150)
    """

    def __init__(self, frame_length: float = 0.040, frame_step: float = 0.015) -> None:
        super().__init__(frame_length, frame_step)
        self._pitch = PitchTracker(self._length, self._step)

    @property
    def dimension(self) -> int:
        """Values a frame."""
        return 6

    def settings(self) -> dict[str, Any]:
        """What determines the numbers."""
        return {**super().settings(), "version": 1, "torch": torch.__version__.split("+")[0]}

    @torch.no_grad()
    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance: ``[samples]`` → float32 ``[frames, 6]``."""
        samples = torch.from_numpy(sixteen_bit(waveform, self._length)).double()
        frames = samples.unfold(0, self._length, self._step)
        pitch, voicing = self._pitch.track(frames)
        loudness = frames.square().mean(dim=1).sqrt().clamp(min=1.0).log()
        contours = torch.stack([self._log_pitch(pitch), voicing, loudness], dim=1)
        return with_deltas(contours)[:, :6].float().numpy()

    def _log_pitch(self, pitch: torch.Tensor) -> torch.Tensor:
        """Hertz, 0 where unvoiced → logarithms without gaps."""
        (voiced,) = torch.where(pitch > 0.0)
        if not len(voiced):
            return torch.full_like(pitch, np.log(self._pitch.lowest * self._pitch.highest) / 2.0)
        return torch.from_numpy(np.interp(np.arange(len(pitch)), voiced, pitch[voiced].log()))
