"""What turns words into vectors that are kept: frozen contextual word vectors."""

from abc import abstractmethod

import numpy as np

from mtser.features.extractor import RowExtractor


class TextExtractor(RowExtractor):
    """The words of utterances → a vector a word, computed once and kept like features of audio.

    A subclass is usable everywhere as soon as it has the abstract members.
    :meth:`mtser.features.FeatureStore.get_texts` calls :meth:`extract_batch` from one thread, with texts of about the
    same number of words.

    Attributes
    ----------
    batch_size
        How many utterances :meth:`extract_batch` is given at once, at most.

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
