"""A corpus in memory, as a model reads it: an epoch reads no file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

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
    share
        This process's part of the whole batch; 1 but under ``torchrun``.
    """

    batch: Batch
    rows: np.ndarray
    labels: Tensor
    votes: Tensor
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
    """

    def __init__(
        self, utterances: Sequence[Utterance], classes: Sequence[str], max_words: int, device: torch.device | str
    ) -> None:
        self.n_cut = sum(len(utterance.words) > max_words for utterance in utterances)
        self.utterances = [replace(one, words=one.words[:max_words]) for one in utterances]
        self.n_words = np.array([len(one.words) for one in self.utterances], dtype=np.int64)
        self.device = torch.device(device)
        self._first_word = np.cumsum(self.n_words) - self.n_words
        self._row = {one.id: row for row, one in enumerate(self.utterances)}
        number = {name: index for index, name in enumerate(classes)}
        self._labels = torch.tensor([number[one.emotion] for one in self.utterances])
        self._votes = torch.nn.functional.one_hot(self._labels, len(classes)).float()
        for row, one in enumerate(self.utterances):
            if one.votes:
                self._votes[row] = torch.tensor([one.votes.get(name, 0.0) for name in classes])
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
                input.cut = loader.cut

    def forget(self) -> None:
        """Drop what belongs to one fold's model."""
        self._tables.clear()

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """The numbers of some utterances."""
        return np.array([self._row[id] for id in ids], dtype=np.int64)

    def labels(self, rows: np.ndarray) -> Tensor:
        """``[rows]``: their class numbers."""
        return self._labels[torch.from_numpy(rows).to(self.device)]

    def tables(self, rows: np.ndarray) -> dict[Input, Ragged]:
        """The loaded data of some utterances."""
        words = spans(self._first_word[rows], self.n_words[rows])
        return {input: table.select(words) for input, table in self._tables.items()}

    def batch(self, rows: np.ndarray, share: float = 1.0) -> LabelledBatch:
        """Some utterances as a batch."""
        data = {input: table.to(self.device) for input, table in self.tables(rows).items()}
        at = torch.from_numpy(rows).to(self.device, non_blocking=True)
        return LabelledBatch(Batch(self.n_words[rows], data), rows, self._labels[at], self._votes[at], share)

    def _place(self, table: Ragged) -> Ragged:
        if self.device.type != "cuda":
            return table
        free, _ = torch.cuda.mem_get_info(self.device)
        fits = table.values.nbytes < free / 2
        return table.to(self.device) if fits else Ragged(table.values.pin_memory(), table.lengths)
