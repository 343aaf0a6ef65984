"""One vector a modality, each made smaller, side by side: the fusion of MDRE."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mtser.errors import ConfigError
from mtser.fusion.query_attention import vector_of
from mtser.sequence import Sequences


class ProjectedVectors(nn.Module):
    """[W_1 v_1 + b_1; W_2 v_2 + b_2; ...]: each modality's vector through a linear map, nothing behind it.

    Parameters
    ----------
    modalities
        Name → width of its vector, in the order of concatenation.
    sizes
        Name → width behind the map.

    Raises
    ------
    ConfigError
        If the two name different modalities.

    Example
    -------
    >>> from mtser.sequence import Sequence
    >>> vector = lambda size: Sequence(torch.randn(2, 1, size), torch.tensor([1, 1]), "utterance")
    >>> fused = ProjectedVectors({"audio": 235, "text": 200}, {"audio": 117, "text": 100})
    >>> fused({"audio": vector(235), "text": vector(200)}).shape
    torch.Size([2, 217])
    """

    def __init__(self, modalities: Mapping[str, int], sizes: Mapping[str, int]) -> None:
        super().__init__()
        if set(modalities) != set(sizes):
            raise ConfigError(
                f"the vectors of {', '.join(modalities)} are to be made smaller, but sizes are given for "
                f"{', '.join(sizes)}; name the same modalities."
            )
        self.input_sizes = dict(modalities)
        self.output_size = sum(sizes.values())
        self.project = nn.ModuleDict({name: nn.Linear(width, sizes[name]) for name, width in modalities.items()})

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, 1, width]}`` → ``[batch, sum of sizes]``."""
        return torch.cat([map_(vector_of(sequences, name)) for name, map_ in self.project.items()], dim=1)
