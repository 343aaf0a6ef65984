"""Times from the start of a recording, and from the start of one of its turns."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from mtser.alignment.word import Word
from mtser.audio import SAMPLE_RATE
from mtser.inference.listener import shifted
from mtser.inference.recognition import Recognition, WordEvidence
from mtser.prediction.turns import Turn, cut_between_words


def turns_of_words(words: Sequence[Word], samples: np.ndarray, start: float, longest: float) -> Iterator[Turn]:
    """The turns that words can be cut into; ``samples`` begin at ``start``, times count from the recording's start."""
    groups = cut_between_words(words, longest)
    for i, group in enumerate(groups):
        first = max(start, group[0].start - 0.2, (groups[i - 1][-1].end + group[0].start) / 2 if i else start)
        last = group[-1].end + 0.2
        last = min(last, (group[-1].end + groups[i + 1][0].start) / 2) if i + 1 < len(groups) else last
        begin = round((first - start) * SAMPLE_RATE)
        yield Turn(
            start + begin / SAMPLE_RATE, samples[begin : round((last - start) * SAMPLE_RATE)], words=tuple(group)
        )


def words_of_turn(turn: Turn) -> tuple[Word, ...] | None:
    """The words of a turn with times from its own start."""
    if turn.words is None:
        return None
    length = turn.end - turn.start
    moved = (shifted(one, -turn.start) for one in turn.words)
    return tuple(dataclasses.replace(one, start=max(0.0, one.start), end=min(length, one.end)) for one in moved)


def in_recording(result: Recognition, name: str, turn: Turn) -> Recognition:
    """A turn's result with times from the start of the recording."""
    words = tuple(WordEvidence(shifted(one.word, turn.start), one.attention, one.occlusion) for one in result.words)
    return dataclasses.replace(result, name=name, start=turn.start, end=turn.end, words=words)
