"""Aligners that hold Python's lock, at work in processes of their own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.word import Word
from mtser.apart import Apart, Processes


class AlignerApart(Aligner):
    """An aligner that several threads use at once, though it holds Python's lock.

    Parameters
    ----------
    aligner
        What finds the times; it can be pickled.
    processes
        Where it does.

    Example
    -------
    >>> from mtser.alignment.files import EvenAligner
    >>> AlignerApart(EvenAligner(), Processes(2)).align(np.zeros(16000, np.float32), ["oh", "no"])
    (Word(word='oh', start=0.0, end=0.5), Word(word='no', start=0.5, end=1.0))
    """

    def __init__(self, aligner: Aligner, processes: Processes) -> None:
        self.name = aligner.name
        self._aligner = aligner
        self._apart = Apart(aligner, processes)

    def settings(self) -> dict[str, Any]:
        """Those of the aligner: where it works changes nothing."""
        return self._aligner.settings()

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """As the aligner does."""
        return self._apart.call("align", samples, tuple(words), language)

    def align_file(self, path: Path, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """As the aligner does."""
        return self._apart.call("align_file", path, tuple(words), language)
