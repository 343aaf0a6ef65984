"""What turns audio into frames."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError


class UnusableFeaturesError(FeatureError):
    """One utterance has no features.

    Parameters
    ----------
    problem
        A short phrase that is the same for every utterance with the same trouble, so that it can be counted.
    detail
        What was found.

    Attributes
    ----------
    problem, detail
        As given.

    Example
    -------
    >>> print(UnusableFeaturesError("too short", "0.010 s"))
    too short (0.010 s).
    """

    def __init__(self, problem: str, detail: str) -> None:
        super().__init__(f"{problem} ({detail}).")
        self.problem = problem
        self.detail = detail


class FrameExtractor(ABC):
    """Audio → a vector a frame. Frame j covers the time from ``j * frame_step`` to ``j * frame_step + frame_length``.

    A subclass is usable everywhere as soon as it has the members below. :class:`mtser.features.FeatureStore` calls
    :meth:`extract` from several threads at once.

    Example
    -------
    >>> class Loudness(FrameExtractor):
    ...     dimension, frame_length, frame_step = 1, 0.02, 0.01
    ...
    ...     def settings(self):
    ...         return {"class": "Loudness", "version": 1}
    ...
    ...     def extract(self, waveform):
    ...         frames = np.lib.stride_tricks.sliding_window_view(waveform, 320)[::160]
    ...         return frames.std(axis=1, keepdims=True)
    >>> Loudness().extract(np.ones(16000, np.float32)).shape
    (99, 1)
    """

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Values a frame."""

    @property
    @abstractmethod
    def frame_length(self) -> float:
        """Length of a frame in seconds."""

    @property
    @abstractmethod
    def frame_step(self) -> float:
        """Time from the start of a frame to the start of the next, in seconds."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Everything that determines the numbers, as JSON types.

        The class's name, its options and the versions of the libraries behind it: features are stored under this,
        and equal settings promise equal features.
        """

    @abstractmethod
    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance.

        Parameters
        ----------
        waveform
            float32 ``[samples]`` at 16 kHz; full scale is ±1.

        Returns
        -------
        np.ndarray
            float32 ``[frames, dimension]``, at least one frame.

        Raises
        ------
        FeatureError
            If the utterance is too short for one frame, or cannot be processed; an :class:`UnusableFeaturesError`
            names the reason so that it can be counted.
        """


def samples_of_frames(frame_length: float, frame_step: float) -> tuple[int, int]:
    """Frame length and step in samples at 16 kHz, rounded to whole samples.

    Raises
    ------
    FeatureError
        If a frame is shorter than 4 ms or longer than a second, or the step less than a sample.

    Example
    -------
    >>> samples_of_frames(0.025, 0.015)
    (400, 240)
    """
    length, step = round(frame_length * SAMPLE_RATE), round(frame_step * SAMPLE_RATE)
    if not (64 <= length <= SAMPLE_RATE and step >= 1):
        raise FeatureError(
            f"frame_length = {frame_length:g} s and frame_step = {frame_step:g} s cannot be used: give seconds, a "
            "length from 0.004 to 1 and a step above 0."
        )
    return length, step


def check_bands(n_coefficients: int, n_mel: int, frame_length: int) -> None:
    """Refuse numbers of MFCC and mel bands that a frame of ``frame_length`` samples cannot give.

    Raises
    ------
    FeatureError
        If there are more coefficients than bands, fewer than two, or more bands than bins of the spectrum.
    """
    bins = 1 + (1 << (frame_length - 1).bit_length()) // 2
    if not 2 <= n_coefficients <= n_mel <= bins:  # openSMILE takes no vector of one value
        raise FeatureError(
            f"n_coefficients = {n_coefficients} and n_mel = {n_mel} cannot be used: the spectrum of a frame has {bins} "
            "bins, there may be no more bands than that, no more coefficients than bands, and no fewer than two."
        )


def sixteen_bit(waveform: np.ndarray, frame_length: int) -> np.ndarray:
    """The waveform as openSMILE gets it: rounded and clipped to 16-bit integers.

    Parameters
    ----------
    waveform
        float32 ``[samples]``.
    frame_length
        In samples.

    Raises
    ------
    UnusableFeaturesError
        If there is no whole frame, or a sample is not finite.

    Example
    -------
    >>> sixteen_bit(np.array([0.5, -1.0, 1.0, 2.0]), 4)
    array([ 16384, -32768,  32767,  32767], dtype=int16)
    """
    if len(waveform) < frame_length:
        raise UnusableFeaturesError(
            "shorter than a frame",
            f"{len(waveform) / SAMPLE_RATE:.3f} s of audio, a frame is {frame_length / SAMPLE_RATE:.3f} s long",
        )
    scaled = np.rint(waveform * np.float32(32768))
    if not np.isfinite(scaled).all():
        raise UnusableFeaturesError("non-finite audio", "a sample is NaN or infinite")
    return np.clip(scaled, -32768, 32767).astype(np.int16)
