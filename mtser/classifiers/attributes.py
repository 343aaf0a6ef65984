"""The vector of an utterance → valence, activation and dominance, alone or beside the classes."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mtser.corpora.utterance import ATTRIBUTES, Utterance
from mtser.errors import ModelError
from mtser.features.normalise import mean_and_std
from mtser.outputs import Outputs


class AttributeRegressor(nn.Module):
    """Two linear maps: ``input_size`` → hidden, ReLU, dropout → three numbers, on the corpus's own scale.

    r̂ = mean + std ∘ (W relu(V x)), with the mean and the standard deviation of each attribute over the training
    part's ratings, so that the maps learn numbers around 0 whatever the corpus's scale. The concordance correlation is
    the same on every scale that prediction and truth share: learning it here is learning it for ratings scaled to
    [-1, 1], as others do, but needs no knowledge of a scale's ends, and what comes out needs no scaling back.

    Parameters
    ----------
    input_size
        Of the utterance's vector.
    hidden_size, dropout
        Of the layer between.

    Example
    -------
    >>> AttributeRegressor(input_size=100)(torch.randn(2, 100)).shape
    torch.Size([2, 3])
    """

    mean: Tensor
    std: Tensor

    def __init__(self, *, input_size: int = 100, hidden_size: int = 50, dropout: float = 0.5) -> None:
        super().__init__()
        self.input_size = input_size
        self.output_size = len(ATTRIBUTES)
        self.hidden = nn.Linear(input_size, hidden_size)
        self.attributes = nn.Linear(hidden_size, len(ATTRIBUTES))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mean", torch.zeros(len(ATTRIBUTES)))
        self.register_buffer("std", torch.ones(len(ATTRIBUTES)))

    def fit(self, utterances: list[Utterance]) -> None:
        """Learn mean and standard deviation of the ratings; an attribute without any keeps 0 and 1."""
        for number in range(len(ATTRIBUTES)):
            ratings = [rating for one in utterances if one.vad and (rating := one.vad[number]) is not None]
            rated = torch.tensor([[one] for one in ratings if not math.isnan(one)], dtype=torch.float64)
            if len(rated):
                mean, std = mean_and_std(rated.numpy())
                self.mean[number], self.std[number] = float(mean[0]), float(std[0])

    def forward(self, vectors: Tensor) -> Tensor:
        """``[batch, input_size]`` → ``[batch, 3]``: valence, activation and dominance."""
        values = self.attributes(self.dropout(torch.relu(self.hidden(vectors))))
        # Half precision, which mixed precision brings, would round ratings to some hundredths.
        return self.mean + self.std * values.to(torch.promote_types(values.dtype, torch.float32))


class MultitaskHead(nn.Module):
    """Attributes, beside classes or alone, and for late stacking also from each modality by itself.

    Parameters
    ----------
    attributes
        The vector of the utterance → attributes.
    classes
        The vector of the utterance → logits; None for attributes alone.
    branches
        Modality → its own regressor. The vector of the utterance then has to be the modalities' vectors one behind the
        other, in this order (as :class:`~mtser.fusion.Pooling` concatenates them); each regressor gets its part.

    Raises
    ------
    ModelError
        If the parts expect vectors of different sizes.

    Example
    -------
    >>> from mtser.classifiers import MLPClassifier
    >>> head = MultitaskHead(AttributeRegressor(input_size=100), MLPClassifier(n_classes=4, input_size=100))
    >>> outputs = head(torch.randn(2, 100))
    >>> outputs.logits.shape, outputs.attributes.shape
    (torch.Size([2, 4]), torch.Size([2, 3]))
    """

    def __init__(
        self,
        attributes: AttributeRegressor,
        classes: nn.Module | None = None,
        branches: Mapping[str, AttributeRegressor] | None = None,
    ) -> None:
        super().__init__()
        self.input_size = attributes.input_size
        expected = getattr(classes, "input_size", self.input_size)
        if expected != self.input_size:
            raise ModelError(
                f"the head's classes expect vectors of size {expected}, its attributes of size {self.input_size}; give "
                "both the same input_size."
            )
        self.widths = [branch.input_size for branch in (branches or {}).values()]
        if self.widths and sum(self.widths) != self.input_size:
            raise ModelError(
                f"the branches of the head take {' + '.join(map(str, self.widths))} numbers of an utterance's vector, "
                f"which has {self.input_size}; each modality's vector has to go to its own branch."
            )
        self.attributes = attributes
        self.classes = classes
        self.branches = nn.ModuleDict(dict(branches or {}))

    def fit(self, utterances: list[Utterance]) -> None:
        """Let the regressors learn the scale of the training part's ratings."""
        for regressor in (self.attributes, *self.branches.values()):
            regressor.fit(utterances)  # type: ignore[operator]

    def forward(self, vectors: Tensor) -> Outputs:
        """``[batch, input_size]`` → what is told."""
        parts = vectors.split(self.widths, dim=1) if self.widths else ()
        return Outputs(
            None if self.classes is None else self.classes(vectors),
            self.attributes(vectors),
            {name: branch(part) for (name, branch), part in zip(self.branches.items(), parts, strict=True)},
        )
