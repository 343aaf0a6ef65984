"""The turns of a dialog before each of its utterances."""

from collections.abc import Sequence

import numpy as np
import torch

from mtser.corpora.utterance import Utterance
from mtser.ragged import Ragged


def preceding_turns(utterances: Sequence[Utterance], n: int) -> Ragged:
    """For every utterance the numbers of the last ``n`` turns of its dialog that began before it, and last its own.

    An utterance without a dialog or without a time in it has its own alone.

    Example
    -------
    >>> from mtser.alignment.word import Word
    >>> def turn(id, start):
    ...     return Utterance(id, "a.wav", 1.0, "A", "sad", "oh", (Word("oh", 0, 1),), dialog="d", start=start)
    >>> preceding_turns([turn("b", 2.0), turn("a", 1.0), turn("c", 3.0)], 1).pad()
    tensor([[1, 0],
            [1, 0],
            [0, 2]])
    """
    dialogs: dict[str, list[tuple[float, int]]] = {}
    for row, one in enumerate(utterances):
        if one.dialog is not None and one.start is not None:
            dialogs.setdefault(one.dialog, []).append((one.start, row))
    turns = [np.array([row]) for row in range(len(utterances))]
    for members in dialogs.values():
        starts = np.array([start for start, _ in sorted(members)])
        rows = np.array([row for _, row in sorted(members)])
        for start, row in members:
            before = int(np.searchsorted(starts, start))  # those that began strictly before it
            turns[row] = np.append(rows[max(0, before - n) : before], row)
    return Ragged(torch.from_numpy(np.concatenate(turns)), np.array([len(one) for one in turns]))
