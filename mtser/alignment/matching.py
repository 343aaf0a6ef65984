"""The times of the words of a file, for the words of a transcript that spells or splits them otherwise."""

import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError


def match_words(found: Sequence[Word], words: Sequence[str], file: str | Path) -> tuple[Word, ...]:
    """Give the times of ``found`` to ``words``.

    Compared are letters and digits alone: a word may be several in the file ("well known" for "well-known"), or several
    words one of the file, which they share by their number of letters.

    Parameters
    ----------
    found
        The words of the file, in order of time.
    words
        Those of the transcript; if there are none, ``found`` is returned.
    file
        Named in the error.

    Raises
    ------
    UnusableAlignmentError
        "words differ from the transcript", with the first that does.

    Example
    -------
    >>> found = [Word("well", 0.0, 0.2), Word("known", 0.2, 0.5), Word("GONNA", 0.6, 1.1)]
    >>> match_words(found, ["Well-known", "gon", "na"], "a.TextGrid")
    (Word(word='Well-known', start=0.0, end=0.5),
     Word(word='gon', start=0.6, end=0.9), Word(word='na', start=0.9, end=1.1))
    """
    if not words:
        return tuple(found)
    theirs, ours = [_letters(word.word) for word in found], [_letters(word) for word in words]
    if "".join(theirs) != "".join(ours):
        number = next((i for i, pair in enumerate(zip(theirs, ours, strict=False)) if pair[0] != pair[1]), None)
        if number is None:
            what = f"it has {len(theirs)} words, the transcript {len(ours)}"
        else:
            what = f"it has {found[number].word!r} where the transcript has {words[number]!r}"
        raise UnusableAlignmentError("words differ from the transcript", f"{file}: {what}")
    bounds = list(accumulate(map(len, theirs), initial=0))
    ends = list(accumulate(map(len, ours)))
    matched, first = [], 0
    for word, start, end in zip(words, [0, *ends], ends, strict=False):
        while bounds[first + 1] <= start:
            first += 1
        last = first
        while bounds[last + 1] < end:
            last += 1
        phones = tuple(phone for one in found[first : last + 1] for phone in one.phones)
        whole = bounds[first] == start and bounds[last + 1] == end
        begin = _time(found[first], start - bounds[first], bounds[first + 1] - bounds[first])
        stop = _time(found[last], end - bounds[last], bounds[last + 1] - bounds[last])
        matched.append(Word(word, begin, stop, phones if whole else ()))
    return tuple(matched)


def _time(word: Word, letters: int, of: int) -> float:
    """When a number of the letters of a word are said."""
    if letters in (0, of):
        return word.end if letters else word.start
    return word.start + (word.end - word.start) * letters / of


def _letters(word: str) -> str:
    """What is compared of a word; the word itself if it has no letters."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    return "".join(character for character in plain if character.isalnum()) or plain
