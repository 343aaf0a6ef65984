"""What turns audio into frames."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

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


class RowExtractor(ABC):
    """What turns audio or words into rows of features that are computed once and kept.

    Attributes
    ----------
    stored_as
        The precision in which rows are kept: "float32", or "float16" for half the space.
    """

    stored_as: str = "float32"

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Values a row."""

    @property
    def n_layers(self) -> int:
        """Layers of a pretrained encoder that stand beside each other in a row, all of one width; default: 1."""
        return 1

    @property
    def pretrained(self) -> tuple[str, ...]:
        """Sentences for reports that name the pretrained models behind it; default: none."""
        return ()

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Everything that determines the numbers, as JSON types.

        The class's name, its options, a hash of a model's weights and the versions of the libraries behind it: rows
        are stored under this, and equal settings promise equal rows.
        """


class Extractor(RowExtractor):
    """Audio → rows of features: a row a frame (:class:`FrameExtractor`) or one for all (:class:`UtteranceExtractor`).

    A subclass of one of these two is usable everywhere as soon as it has their abstract members.
    :class:`mtser.features.FeatureStore` calls :meth:`extract` from several threads at once.
    """

    @abstractmethod
    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the features of one utterance.

        Parameters
        ----------
        waveform
            float32 ``[samples]`` at 16 kHz; full scale is ±1.

        Returns
        -------
        np.ndarray
            ``[rows, dimension]``, at least one row.

        Raises
        ------
        FeatureError
            If the utterance is too short for one row, or cannot be processed; an :class:`UnusableFeaturesError`
            names the reason so that it can be counted.
        """


class FrameExtractor(Extractor):
    """Audio → a vector a frame. Frame j covers the time from ``j * frame_step`` to ``j * frame_step + frame_length``.

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
    def frame_length(self) -> float:
        """Length of a frame in seconds."""

    @property
    @abstractmethod
    def frame_step(self) -> float:
        """Time from the start of a frame to the start of the next, in seconds."""


class UtteranceExtractor(Extractor):
    """Audio → one vector an utterance: :meth:`extract` gives ``[1, dimension]``.

    Example
    -------
    >>> class Peak(UtteranceExtractor):
    ...     dimension = 1
    ...
    ...     def settings(self):
    ...         return {"class": "Peak", "version": 1}
    ...
    ...     def extract(self, waveform):
    ...         return np.abs(waveform).max(keepdims=True)[None]
    >>> Peak().extract(np.ones(16000, np.float32))
    array([[1.]], dtype=float32)
    """
