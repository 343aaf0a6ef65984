"""Checks of word times that every corpus reader shares, and times for words that have none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtser.alignment.word import Word
from mtser.errors import AlignmentError

END_TOLERANCE = 0.05
"""By how many seconds a word may end after its audio: five frames of 10 ms, what framing and rounding account for."""


class UnusableAlignmentError(AlignmentError):
    """The word times of one utterance cannot be used: the utterance is skipped with ``reason`` and ``detail``.

    Parameters
    ----------
    reason
        A short phrase that is the same for every utterance with the same trouble.
    detail
        The file and line, and what was found there.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{detail}: {reason}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class TimedLabel:
    """One row of an alignment: a label and its span.

    Parameters
    ----------
    label
        A word, a phone, a syllable or a mark such as ``<sil>``.
    start, end
        Seconds from the start of the audio.
    line
        Its line in the file, counted from 1.
    """

    label: str
    start: float
    end: float
    line: int


def check_order(rows: Sequence[TimedLabel], file: str | Path) -> None:
    """Check that rows run forward in time and do not overlap; gaps are allowed.

    Parameters
    ----------
    rows
        In the order of the file.
    file
        Named in the error.

    Raises
    ------
    UnusableAlignmentError
        "alignment rows run backwards" (a row that ends before or where it starts, or starts before the one above it)
        or "alignment rows overlap".

    Example
    -------
    >>> check_order([TimedLabel("OH", 0.1, 0.3, 2), TimedLabel("NO", 0.2, 0.5, 3)], "a.wdseg")
    Traceback (most recent call last):
    ...
    mtser.alignment.word_times.UnusableAlignmentError: a.wdseg:3: alignment rows overlap
    """
    above: TimedLabel | None = None
    for row in rows:
        if not row.end > row.start or (above is not None and row.start < above.start):  # so written, it refuses NaN
            raise UnusableAlignmentError("alignment rows run backwards", f"{file}:{row.line}")
        if above is not None and row.start < above.end:
            raise UnusableAlignmentError("alignment rows overlap", f"{file}:{row.line}")
        above = row


def place_in_audio(rows: Iterable[TimedLabel], duration: float, file: str | Path) -> tuple[Word, ...]:
    """Turn rows into words of an audio file of ``duration`` seconds.

    A word that ends up to `END_TOLERANCE` after the audio is cut to its end. Rows that are no words (silence) should be
    left out before: where they lie makes no difference to the result.

    Raises
    ------
    UnusableAlignmentError
        "alignment outside the audio", or "no words in the alignment" if ``rows`` is empty.

    Example
    -------
    >>> place_in_audio([TimedLabel("NO", 0.2, 0.52, 3)], 0.5, "a.wdseg")
    (Word(word='NO', start=0.2, end=0.5),)
    """
    words = []
    for row in rows:
        if row.start < 0 or row.start >= duration or row.end > duration + END_TOLERANCE:
            found = f"{file}:{row.line}: {row.label} at {row.start:.3f}-{row.end:.3f} s of {duration:.3f} s"
            raise UnusableAlignmentError("alignment outside the audio", found)
        words.append(Word(row.label, row.start, min(row.end, duration)))
    if not words:
        raise UnusableAlignmentError("no words in the alignment", str(file))
    return tuple(words)


def share_evenly(words: Sequence[str], duration: float) -> tuple[Word, ...]:
    """Give each of ``words`` the same share of ``duration`` seconds, one after the other.

    Example
    -------
    >>> share_evenly(["oh", "no"], 1.0)
    (Word(word='oh', start=0.0, end=0.5), Word(word='no', start=0.5, end=1.0))
    """
    bounds = [*(duration * index / len(words) for index in range(len(words))), duration]
    return tuple(Word(word, start, end) for word, start, end in zip(words, bounds, bounds[1:], strict=False))
