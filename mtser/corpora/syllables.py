"""EmoDB's syllable labels (.silb), and the words that they make up."""

import math
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError
from mtser.text_files import numbered_lines

ROUNDING = 0.001
"""Seconds by which a syllable may start before the one above it: the hand-made labels were rounded once."""

MISMATCH = 0.25
"""Largest share of a sentence's letters in which the labels may differ from it; by hand and ear it is up to 0.17."""

# In letters: a word with a syllable too many or too few is as bad as one with two wrong letters.
_SYLLABLE_COUNT_COST = 2.0


def parse_syllables(text: str, duration: float, file: str | Path) -> tuple[TimedLabel, ...]:
    r"""Parse a .silb file: lines of a start time in seconds and a syllable.

    A syllable lasts until the next line. Lines without a letter are pauses: ``(`` between words and ``.`` at the end,
    without which the last syllable lasts until the end of the audio.

    Returns
    -------
    tuple of TimedLabel
        The syllables alone.

    Raises
    ------
    UnusableAlignmentError
        "empty alignment", "unreadable alignment row" or "alignment rows run backwards".

    Example
    -------
    >>> [(row.label, row.start, row.end) for row in parse_syllables("0.1\tder\n0.3\tla\n0.4\t(\n0.5\t.", 0.6, "a.silb")]
    [('der', 0.1, 0.3), ('la', 0.3, 0.4)]
    """
    starts: list[tuple[float, str, int]] = []
    for number, line in numbered_lines(text):
        time, _, label = line.replace("\t", " ").partition(" ")
        try:
            start = float(time)
        except ValueError:
            start = math.nan
        if not math.isfinite(start) or not label:
            raise UnusableAlignmentError("unreadable alignment row", f"{file}:{number}: {line!r}")
        if starts and start < starts[-1][0] - ROUNDING:
            raise UnusableAlignmentError("alignment rows run backwards", f"{file}:{number}")
        starts.append((max(start, starts[-1][0]) if starts else start, label.strip(), number))
    if not starts:
        raise UnusableAlignmentError("empty alignment", str(file))
    ends = [start for start, _, _ in starts[1:]] + [duration]
    return tuple(
        TimedLabel(label, start, end, number)
        for (start, label, number), end in zip(starts, ends, strict=True)
        if any(character.isalpha() for character in label)
    )


def syllables_to_words(
    syllables: Sequence[TimedLabel], words: Sequence[Sequence[str]], file: str | Path
) -> tuple[TimedLabel, ...]:
    """Join syllables to the words of a known sentence.

    The labels were written by ear and hand ("könnte t ich" for "könn te ich", "haben bm", lost umlauts), so they are
    matched by spelling and by the number of syllables together: of all ways to cut the row of labels into as many
    pieces as there are words, the one is taken whose pieces differ least from the words (dynamic programming).

    Parameters
    ----------
    syllables
        From :func:`parse_syllables`.
    words
        The syllables of each word of the sentence.
    file
        Named in the error.

    Returns
    -------
    tuple of TimedLabel
        The words, from the start of the first to the end of the last of their syllables.

    Raises
    ------
    UnusableAlignmentError
        "alignment is of another sentence".

    Example
    -------
    >>> rows = [TimedLabel("la", 0.1, 0.2, 1), TimedLabel("pen", 0.2, 0.5, 2), TimedLabel("liegt", 0.5, 0.9, 3)]
    >>> [(word.label, word.start, word.end) for word in syllables_to_words(rows, [("Lap", "pen"), ("liegt",)], "a")]
    [('Lappen', 0.1, 0.5), ('liegt', 0.5, 0.9)]
    """
    labels = [_letters(row.label) for row in syllables]
    spelled = [_letters("".join(word)) for word in words]

    def piece_cost(first: int, last: int, word: int) -> float:
        extra = abs(last - first - len(words[word]))
        return _edit_distance("".join(labels[first:last]), spelled[word]) + _SYLLABLE_COUNT_COST * extra

    # best[n] = (cost, bounds) of cutting the first n labels into the words so far
    best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for word in range(len(words)):
        longest = len(words[word]) + 2
        longer: dict[int, tuple[float, tuple[int, ...]]] = {}
        for first, (cost, bounds) in best.items():
            for last in range(first + 1, min(first + longest, len(labels)) + 1):
                candidate = (cost + piece_cost(first, last, word), (*bounds, last))
                if last not in longer or candidate < longer[last]:
                    longer[last] = candidate
        best = longer
    cost, bounds = best.get(len(labels), (math.inf, ()))
    if cost > MISMATCH * sum(map(len, spelled)):
        heard = " ".join(row.label for row in syllables)
        raise UnusableAlignmentError("alignment is of another sentence", f"{file}: {heard!r}")
    return tuple(
        TimedLabel("".join(word), syllables[first].start, syllables[last - 1].end, syllables[first].line)
        for word, first, last in zip(words, bounds, bounds[1:], strict=False)
    )


def _letters(text: str) -> str:
    """Lower case without accents: "Tü" and "tu" are the same."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in plain if character.isalnum())


@lru_cache(maxsize=100_000)
def _edit_distance(one: str, other: str) -> int:
    """The least number of letters to insert, delete or replace (Levenshtein)."""
    row = list(range(len(other) + 1))
    for index, letter in enumerate(one, start=1):
        above_left, row[0] = row[0], index
        for column, other_letter in enumerate(other, start=1):
            above = row[column]
            row[column] = min(above + 1, row[column - 1] + 1, above_left + (letter != other_letter))
            above_left = above
    return row[-1]
