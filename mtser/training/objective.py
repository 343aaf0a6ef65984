"""What the Brain makes small: the loss of a batch, with those of each modality alone."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from mtser.errors import ConfigError
from mtser.outputs import Outputs
from mtser.training.data import LabelledBatch
from mtser.training.whole_batch import whole_batch


class Objective:
    """The loss of outputs, told what it needs: votes, labels or attributes.

    Parameters
    ----------
    loss
        Of classes, ``(logits [rows, classes], targets [rows, classes])``; with ``needs_attributes`` of
        ``(outputs, targets, attributes)``. ``soft_labels`` and ``over_batch`` say what it learns in training.
    auxiliary
        Times the mean of the losses of each modality alone, where a model tells classes of each.
    n_classes
        How many classes there are.

    Raises
    ------
    ConfigError
        If modalities alone are to be learned, which tell classes, but the loss is of attributes.

    Example
    -------
    >>> from mtser.training.losses import CrossEntropy
    >>> objective = Objective(CrossEntropy(), auxiliary=0.0, n_classes=2)
    >>> objective.of_all(Outputs(torch.zeros(3, 2)), torch.tensor([0, 1, 1]), torch.zeros(3, 0))  # -log(1/2)
    0.69315
    """

    def __init__(self, loss: Callable[..., Tensor], auxiliary: float, n_classes: int) -> None:
        if auxiliary and getattr(loss, "needs_attributes", False):
            raise ConfigError("model.auxiliary is a loss of classes, but training.loss is of attributes; set it to 0.")
        self.loss = loss
        self.auxiliary = auxiliary
        self.n_classes = n_classes

    def in_training(self, outputs: Outputs, batch: LabelledBatch, over_processes: bool) -> Tensor:
        """The mean loss of a batch that is learned from: of votes, if the loss learns them.

        Parameters
        ----------
        outputs
            Of the batch, or of this process's share of it.
        batch
            What is true of it.
        over_processes
            Whether other processes have the rest; a loss that is none of single utterances gets theirs, too.
        """
        targets = batch.votes if getattr(self.loss, "soft_labels", False) else self._one_hot(batch.labels)
        attributes = batch.attributes
        if over_processes and getattr(self.loss, "over_batch", False):
            whole: Any = partial(whole_batch, share=batch.share)
            outputs, targets, attributes = outputs.map(whole), whole(targets), whole(attributes)
        return self._of(outputs, targets, attributes)

    def of_judged(self, outputs: Outputs, batch: LabelledBatch) -> Tensor:
        """The mean loss of a batch that is judged: of the labels."""
        return self._of(outputs, self._one_hot(batch.labels), batch.attributes)

    @torch.no_grad()
    def of_all(self, outputs: Outputs, labels: Tensor, attributes: Tensor) -> float:
        """The loss of a whole part, as if it had been one batch, without those of each modality."""
        return float(self._main(outputs.map(Tensor.float), self._one_hot(labels), attributes))

    def _of(self, outputs: Outputs, targets: Tensor, attributes: Tensor) -> Tensor:
        loss = self._main(outputs, targets, attributes)
        if not outputs.auxiliary:
            return loss
        alone = [self.loss(logits, targets) for logits in outputs.auxiliary.values()]
        return loss + self.auxiliary * torch.stack(alone).mean()

    def _main(self, outputs: Outputs, targets: Tensor, attributes: Tensor) -> Tensor:
        if getattr(self.loss, "needs_attributes", False):
            return self.loss(outputs, targets, attributes)
        return self.loss(outputs.logits, targets)

    def _one_hot(self, labels: Tensor) -> Tensor:
        return torch.nn.functional.one_hot(labels, self.n_classes).float()
