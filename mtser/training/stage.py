"""What the batches of one stage (an epoch's training, dev or test) have told."""

import math

import numpy as np
import torch
from torch import Tensor

from mtser.outputs import Outputs
from mtser.training.data import LabelledBatch


class StageResults:
    """Collects the outputs and targets of batches on their device, so that no batch waits for a GPU."""

    def __init__(self) -> None:
        self._rows: list[np.ndarray] = []
        self._labels: list[Tensor] = []
        self._attributes: list[Tensor] = []
        self._outputs: list[Outputs] = []
        self._losses: list[Tensor] = []

    def add(self, batch: LabelledBatch, outputs: Outputs, loss: Tensor | None = None) -> None:
        """Take a batch in, in training with its mean loss."""
        self._rows.append(batch.rows)
        self._labels.append(batch.labels)
        self._attributes.append(batch.attributes)
        self._outputs.append(outputs.map(Tensor.detach))
        if loss is not None:
            self._losses.append(loss.detach() * len(batch.rows))

    @property
    def rows(self) -> np.ndarray:
        """``[n]``: the utterances' numbers, in the order of the batches."""
        return np.concatenate(self._rows)

    @property
    def outputs(self) -> Outputs:
        """Of all utterances, in the same order."""
        return Outputs.join(self._outputs)

    @property
    def labels(self) -> Tensor:
        """``[n]``: class numbers."""
        return torch.cat(self._labels)

    @property
    def attributes(self) -> Tensor:
        """``[n, 3]``: valence, activation and dominance; NaN where there is none."""
        return torch.cat(self._attributes)

    def mean_loss(self) -> float:
        """Per utterance; NaN if nothing was learned from."""
        n = sum(len(rows) for rows in self._rows)
        return float(torch.stack(self._losses).sum()) / n if n else math.nan
