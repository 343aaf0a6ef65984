"""Pitch tracking by autocorrelation, after Boersma (1993)."""

import math

import numpy as np
import torch

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError

_HIGHEST = 600.0  # hertz
_PERIODS = 3  # that a frame has at the lowest pitch
_N_CANDIDATES = 6  # a frame, without the unvoiced one
_VOICING_THRESHOLD = 0.55
_SILENCE_THRESHOLD = 0.03
_OCTAVE_COST = 0.01
_OCTAVE_JUMP_COST = 0.35
_VOICING_CHANGE_COST = 0.14
_COST_STEP = 0.01  # seconds: the frame step that the two costs of a change refer to
_LOWPASS = 2000.0  # hertz
_FRAMES_AT_ONCE = 2048  # 34 MB of spectra


class PitchTracker:
    """Finds the pitch of every frame, or that there is none.

    Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
    sound", IFA Proceedings 17, 1993, with Praat's default values. The autocorrelation of a frame behind a
    Hann window is divided by that of the window, so that a periodic sound has 1 at its period, whatever its pitch. The
    highest maxima are the frame's candidates. Of all paths through the candidates of an utterance, the best has the
    greatest sum of strengths less what jumps in pitch and changes of voicing cost.

    Ours: what lies above 2 kHz is faded out, so that a parabola through three lags finds a maximum (Boersma: sin x/x);
    because that makes noise a little more regular, a frame has to reach 0.55 to be voiced (with his 0.45 and no fading,
    about as many frames of speech are).

    Parameters
    ----------
    frame_length, frame_step
        In samples at 16 kHz. The lowest pitch is the one with three periods in a frame (75 Hz for 40 ms); the highest
        is 600 Hz.

    Raises
    ------
    FeatureError
        If a frame is too short for that.

    Attributes
    ----------
    lowest, highest
        In hertz.

    Example
    -------
    >>> saw = torch.arange(4000, dtype=torch.float64) % 80
    >>> frequency, periodicity = PitchTracker(640, 160).track(saw.unfold(0, 640, 160))
    >>> round(float(frequency[0])), round(float(periodicity[0]), 2)
    (200, 1.0)
    """

    def __init__(self, frame_length: int, frame_step: int) -> None:
        self.lowest, self.highest = _PERIODS * SAMPLE_RATE / frame_length, _HIGHEST
        if self.lowest >= self.highest:
            raise FeatureError(
                f"frame_length = {frame_length / SAMPLE_RATE:g} s is too short for pitch: a frame has to hold "
                f"{_PERIODS} periods of less than {self.highest:g} Hz, so give more than {_PERIODS / self.highest:g} s."
            )
        self._first_lag = math.ceil(SAMPLE_RATE / self.highest)
        self._last_lag = frame_length // _PERIODS
        self._n_fft = 1 << (frame_length + self._last_lag).bit_length()
        hertz = torch.fft.rfftfreq(self._n_fft, 1.0 / SAMPLE_RATE, dtype=torch.float64)
        self._lowpass = torch.exp(-((hertz / _LOWPASS) ** 2))
        self._window = torch.hann_window(frame_length + 2, periodic=False, dtype=torch.float64)[1:-1]
        of_window = self._autocorrelation(self._window[None])
        self._of_window = of_window / of_window[:, :1]
        self._per_frame = _COST_STEP * SAMPLE_RATE / frame_step

    def track(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Find the pitch of the frames of one utterance.

        Parameters
        ----------
        frames
            float64 ``[frames, frame_length]``, at least one.

        Returns
        -------
        tuple
            float64 ``[frames]`` each: the pitch in hertz, 0 where unvoiced; and how much one period is like the next,
            from 0 to 1, of unvoiced frames, too.
        """
        centred = frames - frames.mean(dim=1, keepdim=True)
        parts = [self._candidates(part) for part in centred.split(_FRAMES_AT_ONCE)]
        frequencies, heights = (torch.cat(part) for part in zip(*parts, strict=True))
        peaks = centred.abs().amax(dim=1, keepdim=True)
        silence = 2.0 - peaks / peaks.max().clamp(min=1e-9) * (1.0 + _VOICING_THRESHOLD) / _SILENCE_THRESHOLD
        unvoiced = _VOICING_THRESHOLD + silence.clamp(min=0.0)
        voiced = heights + _OCTAVE_COST * torch.log2(frequencies / self.lowest)  # of -inf, if there is no candidate
        strengths = torch.cat([unvoiced, voiced], dim=1)
        frequencies = torch.cat([torch.zeros_like(unvoiced), frequencies], dim=1)
        jump, change = _OCTAVE_JUMP_COST * self._per_frame, _VOICING_CHANGE_COST * self._per_frame
        path = best_path(frequencies.numpy(), strengths.numpy(), jump, change)
        periodicity = heights.amax(dim=1).clamp(0.0, 1.0)
        return frequencies.gather(1, torch.from_numpy(path)[:, None])[:, 0], periodicity

    def _candidates(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Frequencies and heights of the highest maxima: ``[frames, candidates]`` each; a height of -inf is none."""
        correlation = self._autocorrelation(frames * self._window)
        correlation = correlation / correlation[:, :1].clamp(min=1e-9) / self._of_window
        before, here, behind = (correlation[:, self._first_lag + k : self._last_lag + 1 + k] for k in (-1, 0, 1))
        bend = (2.0 * here - before - behind).clamp(min=1e-12)
        shift = (behind - before) / (2.0 * bend)
        height = here + (behind - before) * shift / 4.0
        height = torch.where((here > before) & (here >= behind) & (here > 0.0), height, -torch.inf)
        heights, which = height.topk(min(_N_CANDIDATES, height.shape[1]), dim=1)
        lags = self._first_lag + which + shift.gather(1, which)
        frequencies = torch.where(heights > 0.0, SAMPLE_RATE / lags, self.lowest)
        return frequencies, heights

    def _autocorrelation(self, frames: torch.Tensor) -> torch.Tensor:
        """``[frames, frame_length]`` → ``[frames, lags from 0 to one beyond the last]``."""
        power = torch.fft.rfft(frames, self._n_fft).abs() ** 2
        return torch.fft.irfft(power * self._lowpass, self._n_fft)[:, : self._last_lag + 2]


def best_path(frequencies: np.ndarray, strengths: np.ndarray, jump_cost: float, change_cost: float) -> np.ndarray:
    """The path through the candidates with the greatest sum of strengths less costs (Viterbi's algorithm).

    Parameters
    ----------
    frequencies
        ``[frames, candidates]``: hertz, 0 for an unvoiced candidate.
    strengths
        ``[frames, candidates]``: -inf for a candidate that must not be taken.
    jump_cost
        For an octave between neighbouring voiced frames.
    change_cost
        From voiced to unvoiced or back.

    Returns
    -------
    np.ndarray
        int64 ``[frames]``: the candidate of each frame.

    Example
    -------
    >>> frequencies = np.array([[0.0, 100.0, 200.0]] * 3)
    >>> strengths = np.array([[0.4, 0.9, 0.5], [0.4, 0.8, 0.9], [0.4, 0.9, 0.5]])
    >>> best_path(frequencies, strengths, jump_cost=0.35, change_cost=0.14).tolist()
    [1, 1, 1]
    """
    voiced = frequencies > 0.0
    octaves = np.log2(np.where(voiced, frequencies, 1.0))
    both = voiced[1:, None, :] & voiced[:-1, :, None]
    change = voiced[1:, None, :] != voiced[:-1, :, None]
    costs = np.where(both, jump_cost * np.abs(octaves[1:, None, :] - octaves[:-1, :, None]), change_cost * change)
    total, candidates = strengths[0], np.arange(frequencies.shape[1])
    came_from = np.empty(frequencies.shape, dtype=np.int64)
    for frame in range(1, len(frequencies)):
        sums = total[:, None] - costs[frame - 1]
        came_from[frame] = sums.argmax(axis=0)
        total = sums[came_from[frame], candidates] + strengths[frame]
    path = np.empty(len(frequencies), dtype=np.int64)
    path[-1] = total.argmax()
    for frame in range(len(frequencies) - 1, 0, -1):
        path[frame - 1] = came_from[frame, path[frame]]
    return path
