"""The classifier of eqs. 13 and 14."""

import torch
from torch import Tensor, nn

from mtser.errors import ConfigError


class MLPClassifier(nn.Module):
    """Two linear maps: ``input_size`` → 50, ReLU, dropout → classes.

    Parameters
    ----------
    n_classes
        How many classes.
    input_size
        Of the utterance's vector (100).
    hidden_size
        Of the layer between (section 4.2: 50).
    dropout
        Section 4.2: 0.5.
    dropout_at
        "hidden": behind the ReLU, as the prose of section 3.3 says; "input": r_1 on p_c before the first linear map, as
        eq. 13 is printed.

    Example
    -------
    >>> MLPClassifier(n_classes=4)(torch.randn(2, 100)).shape
    torch.Size([2, 4])
    """

    def __init__(
        self,
        n_classes: int,
        *,
        input_size: int = 100,
        hidden_size: int = 50,
        dropout: float = 0.5,
        dropout_at: str = "hidden",
    ) -> None:
        super().__init__()
        if dropout_at not in ("hidden", "input"):
            raise ConfigError(f"dropout_at is {dropout_at!r}; it can be hidden or input.")
        self.input_size = input_size
        self.output_size = n_classes
        self.dropout_at = dropout_at
        self.hidden = nn.Linear(input_size, hidden_size)
        self.logits = nn.Linear(hidden_size, n_classes)
        self.dropout = nn.Dropout(dropout)

    def forward(self, vectors: Tensor) -> Tensor:
        """``[batch, input_size]`` → logits ``[batch, n_classes]``; the softmax of eq. 14 belongs to the loss."""
        if self.dropout_at == "input":
            return self.logits(torch.relu(self.hidden(self.dropout(vectors))))
        return self.logits(self.dropout(torch.relu(self.hidden(vectors))))
