"""Aligners that hold Python's lock, at work in processes of their own."""

import pickle
import threading
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.word import Word

_FEW = 8
"""So many recordings are aligned before it pays to start processes."""


class AlignerApart(Aligner):
    """An aligner that several threads use at once, though it holds Python's lock.

    One recording at a time is aligned here, the others meanwhile in processes, which are started when there is more
    than a little to do, and end by themselves half a minute after the last of it.

    Parameters
    ----------
    aligner
        What finds the times; it can be pickled.
    n_processes
        Besides this one.

    Example
    -------
    >>> from mtser.alignment.files import EvenAligner
    >>> AlignerApart(EvenAligner(), 1).align(np.zeros(16000, np.float32), ["oh", "no"])
    (Word(word='oh', start=0.0, end=0.5), Word(word='no', start=0.5, end=1.0))
    """

    def __init__(self, aligner: Aligner, n_processes: int) -> None:
        self.name = aligner.name
        self._aligner = aligner
        self._pickled = pickle.dumps(aligner)
        self._n_processes = n_processes
        self._n_aligned = 0
        self._here = threading.Lock()
        self._starting = threading.Lock()

    def settings(self) -> dict[str, Any]:
        """Those of the aligner: where it works changes nothing."""
        return self._aligner.settings()

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """As the aligner does."""
        if self._here.acquire(blocking=self._n_aligned < _FEW):
            try:
                return self._aligner.align(samples, words, language)
            finally:
                self._n_aligned += 1
                self._here.release()
        with self._starting:
            there = self._there
        return there.submit(_align_there, self._pickled, samples, tuple(words), language).result()

    @cached_property
    def _there(self) -> Any:
        """Not joblib's common executor, which cannot be shared with its own ``Parallel``."""
        from joblib.externals.loky import ProcessPoolExecutor

        return ProcessPoolExecutor(max_workers=self._n_processes, timeout=30)


def _align_there(pickled: bytes, samples: np.ndarray, words: tuple[str, ...], language: str) -> tuple[Word, ...]:
    return unpickled(pickled).align(samples, words, language)


@lru_cache(maxsize=1)
def unpickled(aligner: bytes) -> Aligner:
    """In another process: the aligner, made once."""
    return pickle.loads(aligner)
