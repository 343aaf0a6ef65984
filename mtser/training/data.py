"""A corpus in memory, as a model reads it: an epoch reads no file."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mtser.corpora.turns import preceding_turns
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.utterance_data import UtteranceData


@dataclass(frozen=True)
class LabelledBatch:
    """A batch and what is to be learned from it.

    Parameters
    ----------
    batch
        What the model reads.
    rows
        ``[batch]``: the utterances' numbers in the corpus.
    labels
        ``[batch]``: class numbers.
    votes
        ``[batch, classes]``: the annotators' shares of the classes; the label alone where there are none.
    attributes
        ``[batch, 3]``: valence, activation and dominance as the corpus scales them; NaN where it has none.
    share
        This process's part of the whole batch; 1 but under ``torchrun``.
    """

    batch: Batch
    rows: np.ndarray
    labels: Tensor
    votes: Tensor
    attributes: Tensor
    share: float = 1.0


class ModelData(UtteranceData):
    """The utterances of a corpus, and the data that a model's inputs make of them, on the device that trains.

    Parameters
    ----------
    utterances
        All of the corpus; their order is the order of rows.
    classes
        In their fixed order.
    max_words
        Longer utterances are cut to this many words, and counted.
    device
        Where batches are wanted (see :class:`~mtser.encoders.utterance_data.UtteranceData`).
    n_preceding
        How many turns before an utterance the model looks at; 0 for none.
    context
        Turns that only stand before others in their dialog (``Corpus.context``): nothing is learned or tested on them.
    """

    def __init__(
        self,
        utterances: Sequence[Utterance],
        classes: Sequence[str],
        max_words: int,
        device: torch.device | str,
        *,
        n_preceding: int = 0,
        context: Sequence[Utterance] = (),
    ) -> None:
        self.n_cut = sum(len(utterance.words) > max_words for utterance in utterances)
        every = [*utterances, *(context if n_preceding else ())]
        super().__init__(every, max_words, device, preceding_turns(every, n_preceding) if n_preceding else None)
        self._row = {one.id: row for row, one in enumerate(self.utterances)}
        number = {name: index for index, name in enumerate(classes)}
        labelled = self.utterances[: len(utterances)]  # no row of a context turn is ever asked for
        self._labels = torch.tensor([number[one.emotion] for one in labelled])
        self._votes = torch.nn.functional.one_hot(self._labels, len(classes)).float()
        for row, one in enumerate(labelled):
            if one.votes:
                self._votes[row] = torch.tensor([one.votes.get(name, 0.0) for name in classes])
        self._attributes = torch.from_numpy(self.ratings(np.arange(len(labelled)))).float().to(self.device)
        self._labels, self._votes = self._labels.to(self.device), self._votes.to(self.device)

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """The numbers of some utterances."""
        return np.array([self._row[id] for id in ids], dtype=np.int64)

    def labels(self, rows: np.ndarray) -> Tensor:
        """``[rows]``: their class numbers."""
        return self._labels[torch.from_numpy(rows).to(self.device)]

    def ratings(self, rows: np.ndarray) -> np.ndarray:
        """``[rows, 3]``: their attributes as the corpus has them, in double precision; NaN where there is none."""
        missing = (None, None, None)
        given = [self.utterances[row].vad or missing for row in rows]
        return np.array([[math.nan if one is None else one for one in each] for each in given]).reshape(-1, 3)

    def batch(self, rows: np.ndarray, share: float = 1.0) -> LabelledBatch:
        """Some utterances as a batch, with the turns before them if the model looks at those."""
        batch = self.inputs(rows)
        at = torch.from_numpy(rows).to(self.device, non_blocking=True)
        return LabelledBatch(batch, rows, self._labels[at], self._votes[at], self._attributes[at], share)
