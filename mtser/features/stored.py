"""The features of many utterances, as the store gives them."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mtser.corpora.corpus import Skipped
from mtser.features.extractor import FrameExtractor, RowExtractor


class StoredFeatures(Mapping[str, np.ndarray]):
    """Utterance id → read-only ``[rows, dimension]``, float32 or float16, memory-mapped from the store.

    A row is a frame, a word or the whole utterance, as the extractor has it.

    Parameters
    ----------
    arrays
        The features of each utterance.
    failures
        Utterance id → why it has no features; a short phrase that can be counted.
    details
        Utterance id → what exactly was found.
    extractor
        What made them.

    Attributes
    ----------
    failures, details
        As given.
    dimension
        Of the extractor.
    precision
        "float32" or "float16".
    frame_length, frame_step
        Of a frame extractor, in seconds; only then.

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> stored = StoredFeatures({"a": np.ones((3, 39), np.float32)}, {"b": "silent audio"}, {"b": ""}, TorchMFCC())
    >>> stored["a"].shape, stored.frame_step, stored.skipped()
    ((3, 39), 0.015, (Skipped(utterance='b', reason='silent audio', detail=''),))
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        failures: Mapping[str, str],
        details: Mapping[str, str],
        extractor: RowExtractor,
    ) -> None:
        self._arrays = dict(arrays)
        self.failures = dict(failures)
        self.details = dict(details)
        self.dimension = extractor.dimension
        self.precision = extractor.stored_as
        if isinstance(extractor, FrameExtractor):
            self.frame_length = extractor.frame_length
            self.frame_step = extractor.frame_step

    def __getitem__(self, id: str) -> np.ndarray:
        return self._arrays[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def n_frames(self, ids: Sequence[str]) -> np.ndarray:
        """How many frames (rows) each utterance has: int64 ``[utterances]``."""
        return np.fromiter((len(self._arrays[id]) for id in ids), dtype=np.int64, count=len(ids))

    def concatenated(self, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """All frames (rows) of some utterances, one utterance after the other.

        Parameters
        ----------
        ids
            In the wanted order.

        Returns
        -------
        tuple
            ``[frames of all, dimension]`` (a copy in memory), and int64 ``[utterances]``: the frames of each.
        """
        arrays = [self._arrays[id] for id in ids]
        frames = np.concatenate(arrays) if arrays else np.empty((0, self.dimension), self.precision)
        return frames, self.n_frames(ids)

    def skipped(self) -> tuple[Skipped, ...]:
        """The utterances without features, as :meth:`mtser.corpora.corpus.Corpus.without` takes them."""
        return tuple(Skipped(id, reason, self.details.get(id, "")) for id, reason in self.failures.items())
