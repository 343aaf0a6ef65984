"""The turns of a dialog before each of its utterances."""

from collections.abc import Sequence

import numpy as np
import torch

from mtser.corpora.utterance import Utterance
from mtser.ragged import Ragged
from mtser.training.folds import Folds


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


def dialogs_across_parts(folds: Folds, utterances: Sequence[Utterance]) -> tuple[str, ...]:
    """A warning for models that look at dialogs, if a fold has training utterances in the dialogs of dev or test ones.

    Example
    -------
    >>> from mtser.training.folds import Fold
    >>> spoken = [Utterance(id, "", 1.0, "A", "sad", "", (), dialog="d") for id in "abc"]
    >>> dialogs_across_parts(Folds("mine", (Fold("1", ("a",), ("b",), ("c",)),)), spoken)[0][:51]
    'In 1 of 1 folds dialogs are shared by the training '
    """
    dialog = {one.id: one.dialog for one in utterances if one.dialog is not None}
    shared = 0
    for fold in folds.folds:
        train, judged = ({dialog.get(id) for id in ids} - {None} for ids in (fold.train, fold.dev + fold.test))
        shared += not train.isdisjoint(judged)
    if not shared:
        return ()
    return (
        f"In {shared} of {len(folds.folds)} folds dialogs are shared by the training part and the dev or test part: "
        "the model is trained with sound and words of turns that it is judged on (never with their labels).",
    )
