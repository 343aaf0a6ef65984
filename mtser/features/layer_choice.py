"""Which layers of a pretrained encoder are kept: all for a learned sum, some, or their mean."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mtser.errors import ConfigError

_OFFERED = '"all", "last", "mean", a whole number from 1 on, or a list of layers'


@dataclass(frozen=True)
class LayerChoice:
    """Layers of an encoder, kept apart or as one mean.

    Layer 0 is what enters the first layer, layer k what layer k gives; -1 is the last.

    Parameters
    ----------
    numbers
        Of the layers.
    apart
        Each by itself, for a sum whose weights are learned
        (:class:`~mtser.encoders.layer_sum.LayerSum`); else their mean is kept.

    Example
    -------
    >>> states = [torch.full((5, 8), float(layer)) for layer in range(4)]
    >>> LayerChoice.of("all", 3).kept(states).shape
    torch.Size([5, 4, 8])
    >>> LayerChoice.of(2, 3).kept(states)[0, 0, 0]
    tensor(2.5000)
    """

    numbers: tuple[int, ...]
    apart: bool

    @classmethod
    def of(cls, layers: str | int | list[int], n_layers: int) -> "LayerChoice":
        """What a YAML says, for an encoder of ``n_layers`` layers.

        Parameters
        ----------
        layers
            "all": every layer, and what enters the first, each by itself; a list: those, each by itself; "last": the
            last alone; "mean": the mean of all; a whole number: the mean of the last so many.
        n_layers
            Of the encoder, without what enters the first.

        Raises
        ------
        ConfigError
            If it says something else, or the encoder does not have these layers.
        """
        every = tuple(range(n_layers + 1))
        if isinstance(layers, str) and layers in ("all", "last", "mean"):
            return cls(every[-1:] if layers == "last" else every, layers == "all")
        if isinstance(layers, int) and not isinstance(layers, bool) and layers > 0:
            if layers > n_layers:
                raise ConfigError(f"layers is {layers}, but the model has {n_layers}.")
            return cls(every[-layers:], False)
        if not isinstance(layers, list) or not layers or not all(type(one) is int for one in layers):
            raise ConfigError(f"layers is {layers!r}; it can be {_OFFERED}.")
        if not all(-n_layers - 1 <= one <= n_layers for one in layers):
            raise ConfigError(f"layers is {layers}, but the model has those from 0 (its input) to {n_layers}.")
        return cls(tuple(every[one] for one in layers), True)

    @property
    def n_kept(self) -> int:
        """How many vectors are kept of each frame or token."""
        return len(self.numbers) if self.apart else 1

    def kept(self, states: list[Tensor]) -> Tensor:
        """The states of all layers, each ``[..., dim]`` → ``[..., n_kept, dim]``."""
        chosen = torch.stack([states[number] for number in self.numbers], dim=-2)
        return chosen if self.apart else chosen.mean(-2, keepdim=True)
