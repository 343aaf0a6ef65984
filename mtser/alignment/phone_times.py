"""The phones of words, from the rows of a phone segmentation (.phseg)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError, check_order

BOUNDARY_TOLERANCE = 0.02
"""By how many seconds a phone may stick out of its word: two frames of 10 ms, what rounding accounts for."""

_NO_PHONE = re.compile(r"SIL|[+<].*")
_NON_SPEECH_WORD = re.compile(r"\+\+.*\+\+")


def phone_of(label: str) -> str | None:
    """The phone that a row's label names, without context and stress; None for silences and noises.

    Example
    -------
    >>> phone_of("AY1 K T i"), phone_of("SIL"), phone_of("+BREATHING+")
    ('AY', None, None)
    """
    phone = label.split()[0].upper().rstrip("012")
    return None if not phone or _NO_PHONE.fullmatch(phone) else phone


def with_phones(
    words: Sequence[Word], rows: Sequence[TimedLabel], duration: float, file: str | Path
) -> tuple[Word, ...]:
    """Give every word the phones that were spoken in its span.

    Parameters
    ----------
    words
        In order of time.
    rows
        Of the phone segmentation, with silences and noises, in the order of the file.
    duration
        Of the audio, in seconds: like words, phones end where it ends.
    file
        Named in errors.

    Returns
    -------
    tuple of Word
        The same words with phones, each cut to the span of its word. A tag such as ``++LAUGHTER++`` may have none.

    Raises
    ------
    UnusableAlignmentError
        "alignment rows run backwards" or "alignment rows overlap"; "phone outside of the words", "phone across a word's
        boundary" or "word without phones" if the rows contradict the words.

    Example
    -------
    >>> rows = [TimedLabel("OW SIL K s", 0.1, 0.3, 2), TimedLabel("SIL", 0.3, 0.9, 3)]
    >>> with_phones([Word("OH", 0.1, 0.3)], rows, 0.9, "a.phseg")[0].phones
    (Phone(phone='OW', start=0.1, end=0.3),)
    """
    check_order(rows, file)
    spoken: list[list[Phone]] = [[] for _ in words]
    number = 0
    for row in rows:
        if (phone := phone_of(row.label)) is None or row.start >= duration:
            continue
        found = f"{file}:{row.line}: {row.label} at {row.start:.3f}-{row.end:.3f} s"
        row_end = min(row.end, duration)
        while number < len(words) and words[number].end <= (row.start + row_end) / 2:
            number += 1
        if number == len(words) or words[number].start > (row.start + row_end) / 2:
            raise UnusableAlignmentError("phone outside of the words", found)
        start, end = max(row.start, words[number].start), min(row_end, words[number].end)
        if max(start - row.start, row_end - end) > BOUNDARY_TOLERANCE + 1e-9:
            raise UnusableAlignmentError("phone across a word's boundary", f"{found}, in {words[number].word}")
        spoken[number].append(Phone(phone, start, end))
    for word, phones in zip(words, spoken, strict=True):
        if not phones and not _NON_SPEECH_WORD.fullmatch(word.word):
            raise UnusableAlignmentError("word without phones", f"{file}: {word.word} at {word.start:.3f} s")
    return tuple(replace(word, phones=tuple(phones)) for word, phones in zip(words, spoken, strict=True))
