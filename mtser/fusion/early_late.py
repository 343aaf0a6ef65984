"""Where modalities meet: in front of the layers that learn (early), or behind them (late)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mtser.errors import ConfigError, ModelError
from mtser.sequence import Sequence, Sequences


class EarlyFusion(nn.Module):
    """All modalities of an item side by side, then one layer over both, then the mean over the items.

    mean_i ReLU(W [x_1i; x_2i; ...] + b). A modality with one vector an utterance stands beside every item of the
    others.

    Parameters
    ----------
    modalities
        Name → width of its vectors, in the order of concatenation.
    size
        Of the utterance's vector.

    Example
    -------
    >>> words = Sequence(torch.randn(2, 7, 30), torch.tensor([7, 4]), "word")
    >>> functionals = Sequence(torch.randn(2, 1, 88), torch.tensor([1, 1]), "utterance")
    >>> EarlyFusion({"audio": 88, "text": 30}, size=128)({"audio": functionals, "text": words}).shape
    torch.Size([2, 128])
    """

    def __init__(self, modalities: Mapping[str, int], *, size: int = 128) -> None:
        super().__init__()
        self.input_sizes = _checked(modalities)
        self.output_size = size
        self.layer = nn.Linear(sum(modalities.values()), size)

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, width]}`` → ``[batch, size]``."""
        present = [sequences[name].masked() for name in self.input_sizes]
        longest = next((one for one in present if one.unit != "utterance"), present[0])
        for name, one in zip(self.input_sizes, present, strict=True):
            if one.unit not in ("utterance", longest.unit):
                raise ModelError(
                    f"early fusion needs vectors of one unit, or one an utterance; {name} has one a {one.unit}, "
                    f"another modality one a {longest.unit}."
                )
        n_items = longest.features.shape[1]
        beside = [one.features.expand(-1, n_items, -1) if one.unit == "utterance" else one.features for one in present]
        return _mean(longest.with_features(torch.relu(self.layer(torch.cat(beside, dim=2)))))


class LateFusion(nn.Module):
    """A layer a modality and the mean over its items; the modalities meet in the classifier behind.

    [mean_i ReLU(W_1 x_1i + b_1); mean_i ReLU(W_2 x_2i + b_2); ...], every modality with the same share of the vector.

    Parameters
    ----------
    modalities
        Name → width of its vectors, in the order of concatenation.
    size
        Of the utterance's vector, a multiple of the number of modalities.

    Example
    -------
    >>> words = Sequence(torch.randn(2, 7, 30), torch.tensor([7, 4]), "word")
    >>> functionals = Sequence(torch.randn(2, 1, 88), torch.tensor([1, 1]), "utterance")
    >>> LateFusion({"audio": 88, "text": 30}, size=128)({"audio": functionals, "text": words}).shape
    torch.Size([2, 128])
    """

    def __init__(self, modalities: Mapping[str, int], *, size: int = 128) -> None:
        super().__init__()
        self.input_sizes = _checked(modalities)
        self.output_size = size
        share, rest = divmod(size, len(modalities))
        if rest or not share:
            raise ConfigError(f"size of the late fusion is {size}; it has to be a multiple of {len(modalities)}.")
        self.layers = nn.ModuleDict({name: nn.Linear(width, share) for name, width in modalities.items()})

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, width]}`` → ``[batch, size]``."""
        return torch.cat([self._of(sequences[name].masked(), layer) for name, layer in self.layers.items()], dim=1)

    @staticmethod
    def _of(sequence: Sequence, layer: nn.Module) -> Tensor:
        return _mean(sequence.with_features(torch.relu(layer(sequence.features))))


def _mean(sequence: Sequence) -> Tensor:
    """Over the real items."""
    return sequence.masked().features.sum(1) / sequence.lengths.unsqueeze(1)


def _checked(modalities: Mapping[str, int]) -> dict[str, int]:
    if not modalities:
        raise ConfigError("fusion needs the modalities and the widths of their vectors.")
    return dict(modalities)
