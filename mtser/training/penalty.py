"""L1 and L2 penalties on the weights (section 4.2)."""

import torch
from torch import Tensor, nn

from mtser.checks import check_number
from mtser.encoders.tuned import tuned_encoders
from mtser.fusion.positions import Positions


class Penalty:
    """λ₁ Σ|w| + λ₂ Σw² over weight matrices, added to the mean loss of a batch.

    Biases, norms and single vectors (learned queries) are left alone, and so are embeddings and learned positions
    unless asked for: under Adam a parameter that gets only the penalty's gradient still moves at full speed, so the
    penalised rows of rare words shrink to nothing within an epoch or two. Pretrained encoders that are trained are left
    alone, too: what they have learned is not near zero.

    Parameters
    ----------
    l1, l2
        λ₁ and λ₂ (section 4.2: 1e-4 and 2e-4).
    embeddings
        Penalise embeddings too.

    Example
    -------
    >>> layer = nn.Linear(2, 1)
    >>> _ = nn.init.constant_(layer.weight, -2.0)
    >>> Penalty(l1=0.1, l2=0.01)(layer).item()  # 0.1 · 4 + 0.01 · 8
    0.48000
    """

    def __init__(self, l1: float = 1e-4, l2: float = 2e-4, embeddings: bool = False) -> None:
        check_number("l1", l1)
        check_number("l2", l2)
        self.l1 = l1
        self.l2 = l2
        self.embeddings = embeddings

    def __call__(self, model: nn.Module) -> Tensor | float:
        """The penalty on ``model`` as it is now."""
        if not (self.l1 or self.l2):
            return 0.0
        weights = self.penalised(model)
        if not weights:
            return 0.0
        flat = torch.cat([weight.flatten() for weight in weights])
        return self.l1 * flat.abs().sum() + self.l2 * flat.square().sum()

    def penalised(self, model: nn.Module) -> list[Tensor]:
        """The trained weight matrices that the penalty is on, each once."""
        found: dict[int, Tensor] = {}
        pretrained = {id(module) for tuned in tuned_encoders(model) for module in tuned.modules()}
        for module in model.modules():
            if id(module) in pretrained:
                continue
            if isinstance(module, nn.Embedding | Positions) and not self.embeddings:
                continue
            for parameter in module.parameters(recurse=False):
                if parameter.dim() >= 2 and parameter.requires_grad:
                    found[id(parameter)] = parameter
        return list(found.values())
