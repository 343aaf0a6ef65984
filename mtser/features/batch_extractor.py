"""Extractors that work on several utterances at once: encoders that are too slow for one after the other."""

from abc import abstractmethod

import numpy as np

from mtser.features.extractor import FrameExtractor


class BatchExtractor(FrameExtractor):
    """Audio → a vector a frame, for some utterances at once.

    :class:`mtser.features.FeatureStore` sorts utterances by length, calls :meth:`extract_batch` from one thread with
    batches of about the same length, and :meth:`load` before the first.

    Attributes
    ----------
    batch_seconds
        How much audio :meth:`extract_batch` is given at once, padding included; a longer utterance comes alone.

    Example
    -------
    >>> class Loudness(BatchExtractor):
    ...     dimension, frame_length, frame_step = 1, 0.02, 0.02
    ...
    ...     def settings(self):
    ...         return {"class": "Loudness", "version": 1}
    ...
    ...     def n_frames(self, n_samples):
    ...         return n_samples // 320
    ...
    ...     def extract_batch(self, waveforms):
    ...         return [one[: len(one) // 320 * 320].reshape(-1, 320).std(axis=1, keepdims=True) for one in waveforms]
    >>> Loudness().extract(np.ones(16000, np.float32)).shape
    (50, 1)
    """

    batch_seconds: float = 60.0

    @abstractmethod
    def n_frames(self, n_samples: int) -> int:
        """How many frames an utterance of so many samples at 16 kHz has; 0 if it is too short."""

    def n_computed(self, n_samples: int) -> int:
        """On how many samples the extractor computes for such an utterance by itself (Whisper always takes 30 s)."""
        return n_samples

    def load(self) -> None:
        """Get ready, once, if there is anything to compute; default: nothing.

        Raises
        ------
        FeatureError
            If that fails, which ends the run, while failures of :meth:`extract_batch` leave utterances out.
        """
        return

    def unload(self) -> None:
        """Let go of what :meth:`load` brought into memory; default: nothing."""
        return

    @abstractmethod
    def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
        """Compute the frames of some utterances.

        Parameters
        ----------
        waveforms
            float32 ``[samples]`` at 16 kHz each. The frames of one must not depend on the others (beyond rounding).

        Returns
        -------
        list of np.ndarray
            For each utterance ``[frames, dimension]``.

        Raises
        ------
        FeatureError
            If they cannot be computed: the store then tries each utterance alone.
        """

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance."""
        return self.extract_batch([waveform])[0]
