"""Words → lines, as a text is broken into lines: each has room for its words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtser.inference.recognition import WordEvidence

WORDS_A_LINE = 26
SECONDS_A_LINE = 10.0


@dataclass(frozen=True)
class Line:
    """A stretch of a recording and the words in it."""

    start: float
    end: float
    words: tuple[WordEvidence, ...]


def broken_into_lines(words: Sequence[WordEvidence], start: float, end: float) -> list[Line]:
    """Break a recording into as few lines as hold its words and its seconds, about equally long, between words.

    Example
    -------
    >>> [(line.start, line.end) for line in broken_into_lines([], 0.0, 4.0)]
    [(0.0, 4.0)]
    """
    n = max(1, int(np.ceil(len(words) / WORDS_A_LINE)), int(np.ceil((end - start) / SECONDS_A_LINE)))
    if not words:
        n = 1
    cuts = [start]
    for i in range(1, n):
        ideal = start + (end - start) * i / n
        gaps = [(a.word.end + b.word.start) / 2 for a, b in zip(words, words[1:], strict=False)]
        later = [gap for gap in gaps if gap > cuts[-1]]
        if later:
            cuts.append(min(later, key=lambda gap: abs(gap - ideal)))
    edges = [*cuts, end]
    of_line = np.searchsorted(cuts[1:], [(one.word.start + one.word.end) / 2 for one in words], side="right")
    return [
        Line(edges[i], edges[i + 1], tuple(one for one, at in zip(words, of_line, strict=True) if at == i))
        for i in range(len(cuts))
    ]


def spread(centres: Sequence[float], widths: Sequence[float], low: float, high: float) -> list[float]:
    """Move labels as little as needed so that they lie side by side.

    Parameters
    ----------
    centres
        Where they would like to be, ascending.
    widths
        Of each label, distance to its neighbours included.
    low, high
        The room; where it does not suffice, labels overlap evenly.

    Returns
    -------
    list of float
        Where their centres are.

    Example
    -------
    >>> [float(x) for x in spread([1.0, 1.0, 5.0], [1.0, 1.0, 1.0], 0.0, 6.0)]
    [0.5, 1.5, 5.0]
    """
    wide = np.asarray(widths, float)
    if wide.sum() > high - low:
        wide = wide * (high - low) / wide.sum()
    # Shifted to the left by the widths before it, each label must not be left of the one before: isotonic regression.
    before = np.concatenate([[0.0], np.cumsum(wide)[:-1]]) + wide / 2 if len(wide) else wide
    blocks: list[list[float]] = []  # mean, number
    for value in np.asarray(centres, float) - before:
        blocks.append([float(value), 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, n = blocks.pop()
            blocks[-1] = [(blocks[-1][0] * blocks[-1][1] + mean * n) / (blocks[-1][1] + n), blocks[-1][1] + n]
    moved = [mean for mean, n in blocks for _ in range(int(n))]
    room = max(low, high - float(wide.sum()))
    return [float(np.clip(value, low, room) + offset) for value, offset in zip(moved, before, strict=True)]
