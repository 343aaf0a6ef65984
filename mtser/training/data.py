"""A corpus in memory, as a model reads it: an epoch reads no file."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mtser.corpora.turns import preceding_turns
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.features.input import Input
from mtser.features.source import FeatureSource
from mtser.ragged import Ragged, spans


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


class ModelData:
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
        Where batches are wanted. Data that would fill more than half of a GPU's free memory stay on the CPU and are
        copied batch by batch.
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
        self.utterances = [replace(one, words=one.words[:max_words]) for one in every]
        self.n_words = np.array([len(one.words) for one in self.utterances], dtype=np.int64)
        self.device = torch.device(device)
        self._first_word = np.cumsum(self.n_words) - self.n_words
        self._row = {one.id: row for row, one in enumerate(self.utterances)}
        self._preceding = preceding_turns(self.utterances, n_preceding) if n_preceding else None
        number = {name: index for index, name in enumerate(classes)}
        labelled = self.utterances[: len(utterances)]  # no row of a context turn is ever asked for
        self._labels = torch.tensor([number[one.emotion] for one in labelled])
        self._votes = torch.nn.functional.one_hot(self._labels, len(classes)).float()
        for row, one in enumerate(labelled):
            if one.votes:
                self._votes[row] = torch.tensor([one.votes.get(name, 0.0) for name in classes])
        self._attributes = torch.from_numpy(self.ratings(np.arange(len(labelled)))).float().to(self.device)
        self._labels, self._votes = self._labels.to(self.device), self._votes.to(self.device)
        self._tables: dict[Input, Ragged] = {}
        self._kept: dict[str, tuple[Input, Ragged]] = {}

    def load(self, inputs: Iterable[Input], source: FeatureSource) -> None:
        """Load what these inputs make of all utterances; what an equal input made before is used again."""
        for input in inputs:
            key = input.key()
            if key is None:
                self._tables[input] = self._place(input.load(self.utterances, source))
            else:
                if key not in self._kept:
                    self._kept[key] = input, self._place(input.load(self.utterances, source))
                loader, self._tables[input] = self._kept[key]
                input.cut, input.notes = loader.cut, loader.notes

    def forget(self) -> None:
        """Drop what belongs to one fold's model."""
        self._tables.clear()

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """The numbers of some utterances."""
        return np.array([self._row[id] for id in ids], dtype=np.int64)

    @property
    def lengths(self) -> np.ndarray:
        """``[utterances]``: what a row costs, for batches of similar ones.

        Its frames, if an input has the frames of utterances; else its words.
        """
        longest = [table.lengths for input, table in self._tables.items() if input.unit == "utterance"]
        return np.maximum.reduce([self.n_words, *longest])

    def labels(self, rows: np.ndarray) -> Tensor:
        """``[rows]``: their class numbers."""
        return self._labels[torch.from_numpy(rows).to(self.device)]

    def ratings(self, rows: np.ndarray) -> np.ndarray:
        """``[rows, 3]``: their attributes as the corpus has them, in double precision; NaN where there is none."""
        missing = (None, None, None)
        given = [self.utterances[row].vad or missing for row in rows]
        return np.array([[math.nan if one is None else one for one in each] for each in given]).reshape(-1, 3)

    def tables(self, rows: np.ndarray) -> dict[Input, Ragged]:
        """The loaded data of some utterances."""
        words = spans(self._first_word[rows], self.n_words[rows])
        return {input: table.select(words if input.unit == "word" else rows) for input, table in self._tables.items()}

    def batch(self, rows: np.ndarray, share: float = 1.0) -> LabelledBatch:
        """Some utterances as a batch, with the turns before them if the model looks at those."""
        needed, turns = (rows, None) if self._preceding is None else self._with_turns(rows, self._preceding)
        data = {input: table.to(self.device) for input, table in self.tables(needed).items()}
        at = torch.from_numpy(rows).to(self.device, non_blocking=True)
        batch = Batch(self.n_words[needed], data, turns)
        return LabelledBatch(batch, rows, self._labels[at], self._votes[at], self._attributes[at], share)

    def _with_turns(self, rows: np.ndarray, preceding: Ragged) -> tuple[np.ndarray, Ragged]:
        """The rows of a batch with those of their dialogs' turns, each once, and where the turns are among them."""
        turns = preceding.select(rows)
        needed, position = np.unique(turns.values.numpy(), return_inverse=True)
        return needed, Ragged(torch.from_numpy(position).to(self.device, non_blocking=True), turns.lengths)

    def _place(self, table: Ragged) -> Ragged:
        if self.device.type != "cuda":
            return table
        free, _ = torch.cuda.mem_get_info(self.device)
        fits = table.values.nbytes < free / 2
        return table.to(self.device) if fits else Ragged(table.values.pin_memory(), table.lengths)
