"""What turns words into vectors that are kept: frozen contextual word vectors."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np


class TextExtractor(ABC):
    """The words of utterances → a vector a word, computed once and kept like features of audio.

    A subclass is usable everywhere as soon as it has the abstract members below.
    :meth:`mtser.features.FeatureStore.get_texts` calls :meth:`extract_batch` from one thread, with texts of about the
    same number of words.

    Attributes
    ----------
    batch_size
        How many utterances :meth:`extract_batch` is given at once, at most.
    stored_as
        The precision in which vectors are kept: "float32", or "float16" for half the space.

    Example
    -------
    >>> class Lengths(TextExtractor):
    ...     dimension = 1
    ...
    ...     def settings(self):
    ...         return {"class": "Lengths", "version": 1}
    ...
    ...     def extract_batch(self, texts):
    ...         return [np.array([[len(word)] for word in words], np.float32) for words in texts]
    >>> Lengths().extract_batch([("good", "morning"), ("yes",)])[0].tolist()
    [[4.0], [7.0]]
    """

    batch_size: int = 32
    stored_as: str = "float32"

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Values a word."""

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

        The class's name, its options, a hash of the model's weights and the versions of the libraries behind it:
        vectors are stored under this, and equal settings promise equal vectors.
        """

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
    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        """Compute the vectors of some utterances.

        Parameters
        ----------
        texts
            The words of each utterance, at least one each. A text's vectors must not depend on the others (beyond
            rounding).

        Returns
        -------
        list of np.ndarray
            For each utterance float32 ``[words, dimension]``.

        Raises
        ------
        FeatureError
            If they cannot be computed: the store then tries each utterance alone. An
            :class:`~mtser.features.extractor.UnusableFeaturesError` names the reason so that it can be counted.
        """
