"""A classifier that is one linear map."""

from torch import Tensor, nn


class LinearClassifier(nn.Module):
    """The vector of an utterance → logits, W v + b.

    Parameters
    ----------
    n_classes
        How many classes.
    input_size
        Of the utterance's vector.

    Example
    -------
    >>> import torch
    >>> LinearClassifier(n_classes=4, input_size=400)(torch.randn(2, 400)).shape
    torch.Size([2, 4])
    """

    def __init__(self, n_classes: int, *, input_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.output_size = n_classes
        self.logits = nn.Linear(input_size, n_classes)

    def forward(self, vectors: Tensor) -> Tensor:
        """``[batch, input_size]`` → ``[batch, n_classes]``; the softmax belongs to the loss."""
        return self.logits(vectors)
