"""What finds out when each word was said."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mtser.alignment.word import Word
from mtser.audio.reading import read_audio


class Aligner(ABC):
    """Speech and the words that were said → when each was said.

    Example
    -------
    >>> from mtser.alignment.word_times import share_evenly
    >>> class Evenly(Aligner):
    ...     name = "evenly"
    ...
    ...     def align(self, samples, words, language="en"):
    ...         return share_evenly(words, len(samples) / 16000)
    ...
    ...     def settings(self):
    ...         return {"class": "Evenly", "version": 1}
    >>> Evenly().align(np.zeros(16000, np.float32), ["oh", "no"])
    (Word(word='oh', start=0.0, end=0.5), Word(word='no', start=0.5, end=1.0))
    """

    name: str
    """For reports: the program, and its model."""

    in_processes: ClassVar[bool] = False
    """Whether many files are aligned in processes: set it if :meth:`align` holds Python's lock. Else in threads."""

    is_remembered: ClassVar[bool] = True
    """Whether results are worth keeping: not if they are read from a file or computed at once."""

    knows_words: ClassVar[bool] = False
    """Whether it can do without a text, because it reads the words where it reads their times."""

    @abstractmethod
    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Find the time of every word.

        Parameters
        ----------
        samples
            float32 ``[samples]``, 16 kHz, mono.
        words
            As written (see :func:`~mtser.alignment.split.split_words`), one or more, in the order in which they were
            said.
        language
            Of the words: an ISO 639-1 code.

        Returns
        -------
        tuple of Word
            One for each of ``words``, spelled as given, in order of time and without overlap, inside of the audio; with
            phones, if the aligner finds them.

        Raises
        ------
        UnusableAlignmentError
            If the words cannot be found in the audio, with a reason that can be counted and the word.
        """

    def align_file(self, path: Path, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """As :meth:`align`, of an audio file; an aligner that has its times from files looks for them by this path.

        Raises
        ------
        UnusableAudioError
            If the file is no usable audio.
        UnusableAlignmentError
            As :meth:`align`.
        """
        return self.align(read_audio(path), words, language)

    def align_within(self, path: Path, duration: float, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """As :meth:`align_file`, where it is known how many seconds the audio lasts; some aligners then read none."""
        return self.align_file(path, words, language)

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Everything that determines the times, as JSON types: equal settings promise equal times."""
