"""The joint vector of an utterance (eq. 12)."""

import torch
from torch import Tensor, nn


class JointVector(nn.Module):
    """p_c = ReLU(W_u [h_a; h_t] + b_u), eq. 12.

    Parameters
    ----------
    input_size
        Of the concatenated vectors: 50 a modality.
    size
        Of the joint vector (section 4.2, "attention layer": 100).
    dropout
        On the concatenated vectors.

    Example
    -------
    >>> JointVector(input_size=100)(torch.randn(2, 100)).shape
    torch.Size([2, 100])
    """

    def __init__(self, input_size: int = 100, size: int = 100, dropout: float = 0.0) -> None:
        super().__init__()
        self.input_size = input_size
        self.output_size = size
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(input_size, size)

    def forward(self, vectors: Tensor) -> Tensor:
        """``[batch, input_size]`` → ``[batch, size]``."""
        return torch.relu(self.linear(self.dropout(vectors)))
