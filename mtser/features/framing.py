"""Frames of whole samples at 16 kHz, and the 16-bit samples that openSMILE gets."""

from typing import Any

import numpy as np

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError
from mtser.features.extractor import FrameExtractor, UnusableFeaturesError


class WholeSampleFrames(FrameExtractor):
    """What extractors with frames of a given length and step share.

    Parameters
    ----------
    frame_length, frame_step
        In seconds, rounded to whole samples at 16 kHz.

    Raises
    ------
    FeatureError
        If a frame is shorter than 4 ms or longer than a second, or the step less than a sample.
    """

    def __init__(self, frame_length: float, frame_step: float) -> None:
        self._length, self._step = samples_of_frames(frame_length, frame_step)

    @property
    def frame_length(self) -> float:
        """Length of a frame in seconds."""
        return self._length / SAMPLE_RATE

    @property
    def frame_step(self) -> float:
        """Time from frame to frame in seconds."""
        return self._step / SAMPLE_RATE

    def settings(self) -> dict[str, Any]:
        """The class's name, frame length and step; what else determines the numbers is the subclass's to add."""
        return {"class": type(self).__name__, "frame_length": self._length, "frame_step": self._step}


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
