"""The layers of a pretrained encoder, summed with learned weights."""

import torch
from torch import Tensor, nn


class LayerSum(nn.Module):
    """Σ_l w_l · x_l with w = softmax(learned), equal at first.

    Which layer tells most of emotion differs between encoders; a sum with learned weights need not know it (Peters et
    al., "Deep Contextualized Word Representations", NAACL 2018; for speech, Yang et al., "SUPERB", Interspeech 2021).
    Each layer is normalised first, so that the weights compare.

    Parameters
    ----------
    n_layers
        That stand beside each other in a vector.

    Example
    -------
    >>> layers = LayerSum(2)
    >>> layers(torch.tensor([[1.0, 2.0, 5.0, 6.0]]), torch.zeros(4), torch.ones(4))
    tensor([[3., 4.]], grad_fn=<SubBackward0>)
    """

    def __init__(self, n_layers: int) -> None:
        super().__init__()
        self.scores = nn.Parameter(torch.zeros(n_layers))

    @property
    def weights(self) -> Tensor:
        """``[layers]``, of sum 1."""
        return self.scores.softmax(0)

    def forward(self, vectors: Tensor, mean: Tensor, std: Tensor) -> Tensor:
        """Normalise and sum, in one go.

        Parameters
        ----------
        vectors
            ``[items, layers × size]``, of any precision.
        mean, std
            ``[layers × size]``.

        Returns
        -------
        Tensor
            ``[items, size]``, in the precision of ``mean``.
        """
        n_layers = len(self.scores)
        scale = self.weights.unsqueeze(1) / std.view(n_layers, -1)
        summed = (vectors.view(len(vectors), n_layers, -1) * scale).sum(1)
        return summed - (mean.view(n_layers, -1) * scale).sum(0)
