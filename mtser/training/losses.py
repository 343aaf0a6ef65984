"""What training makes small."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.checks import check_number
from mtser.errors import ConfigError


class CrossEntropy(nn.Module):
    """Cross-entropy, -Σ_k y_k log ŷ_k (eq. 15, which lacks its minus sign), mean over the utterances of a batch.

    Parameters
    ----------
    class_weights
        "none"; "balanced" (each class counts the same: utterances / (classes · utterances of the class), from the
        training part); or one number a class, in the classes' order.
    label_smoothing
        Share of the target that is spread over all classes.
    soft_labels
        Learn the annotators' votes instead of the consensus, where an utterance has them.

    Example
    -------
    >>> loss = CrossEntropy()
    >>> loss.fit(torch.tensor([0, 1, 1]), n_classes=2)
    >>> float(loss(torch.zeros(1, 2), torch.tensor([[0.0, 1.0]])))  # -log(1/2)
    0.69315
    """

    def __init__(
        self,
        class_weights: str | Sequence[float] = "none",
        label_smoothing: float = 0.0,
        soft_labels: bool = False,
    ) -> None:
        super().__init__()
        named = ("none", "balanced")
        if class_weights not in named and (isinstance(class_weights, str) or not isinstance(class_weights, Sequence)):
            raise ConfigError(f"class_weights is {class_weights!r}; it can be none, balanced or a list of numbers.")
        for weight in () if isinstance(class_weights, str) else class_weights:
            check_number("class_weights: a weight", weight)
        if not isinstance(class_weights, str) and not any(class_weights):
            raise ConfigError("class_weights are all 0; nothing would be learned.")
        check_number("label_smoothing", label_smoothing, most=1.0)
        self.class_weights = class_weights
        self.label_smoothing = label_smoothing
        self.soft_labels = soft_labels
        self.register_buffer("weights", None)

    def fit(self, labels: Tensor, n_classes: int) -> None:
        """Learn what depends on the training part: the balanced weights.

        Parameters
        ----------
        labels
            ``[utterances]``: class numbers of the training part.
        n_classes
            How many classes there are.
        """
        if self.class_weights == "balanced":
            counts = torch.bincount(labels, minlength=n_classes).clamp(min=1)
            self.weights = len(labels) / (n_classes * counts.float())
        elif not isinstance(self.class_weights, str):
            if len(self.class_weights) != n_classes:
                raise ConfigError(f"class_weights has {len(self.class_weights)} numbers for {n_classes} classes.")
            self.weights = torch.tensor(self.class_weights, dtype=torch.float32)

    @property
    def over_batch(self) -> bool:
        """Weighted, it divides by the weights of the whole batch, which no process's share of it knows."""
        return self.weights is not None

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The mean loss.

        Parameters
        ----------
        logits
            ``[batch, classes]``.
        targets
            ``[batch, classes]``: shares of the classes, one 1 in a row for a hard label.
        """
        logits = logits.float()  # also under mixed precision
        weights = self.weights
        if weights is None:
            return F.cross_entropy(logits, targets, label_smoothing=self.label_smoothing)
        # PyTorch's mean over soft targets divides by the batch size; weighted, the utterances' weights have to.
        each = F.cross_entropy(
            logits, targets, weights.to(logits), reduction="none", label_smoothing=self.label_smoothing
        )
        total = (targets @ weights.to(logits)).sum()
        # A batch that has classes of weight 0 alone teaches nothing.
        return torch.where(total > 0, each.sum(), 0.0) / torch.where(total > 0, total, 1.0)


class SigmoidCrossEntropy(nn.Module):
    """Every class a question of its own: the mean of -(y log σ(z) + (1 - y) log(1 - σ(z))) over classes and utterances.

    The loss of Yoon et al.'s published code (2018). The class with the greatest logit is chosen either way; the
    probabilities that are saved are the softmax of the logits, which this loss does not calibrate.

    Parameters
    ----------
    soft_labels
        Learn the annotators' votes instead of the consensus, where an utterance has them.

    Example
    -------
    >>> float(SigmoidCrossEntropy()(torch.zeros(1, 4), torch.tensor([[0.0, 1.0, 0.0, 0.0]])))  # -log(1/2)
    0.69315
    """

    def __init__(self, soft_labels: bool = False) -> None:
        super().__init__()
        self.soft_labels = soft_labels

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The mean loss.

        Parameters
        ----------
        logits
            ``[batch, classes]``.
        targets
            ``[batch, classes]``: shares of the classes, one 1 in a row for a hard label.
        """
        return F.binary_cross_entropy_with_logits(logits.float(), targets.float())  # also under mixed precision
