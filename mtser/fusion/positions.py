"""Where a word stands in its utterance, added to its vector."""

import torch
from torch import Tensor, nn

from mtser.errors import ConfigError


class Positions(nn.Module):
    """Sinusoidal (Vaswani et al. 2017, section 3.5), learned, or no positions.

    Parameters
    ----------
    size
        Of the vectors.
    kind
        "sinusoidal", "learned" or "none".
    longest
        How many positions "learned" has; the other kinds have no limit.

    Example
    -------
    >>> Positions(4)(torch.zeros(1, 2, 4))
    tensor([[[0.0000, 1.0000, 0.0000, 1.0000],
             [0.8415, 0.5403, 0.0100, 0.9999]]])
    """

    def __init__(self, size: int, kind: str = "sinusoidal", longest: int = 128) -> None:
        super().__init__()
        if kind not in ("sinusoidal", "learned", "none"):
            raise ConfigError(f"positions is {kind!r}; it can be sinusoidal, learned or none.")
        self.kind = kind
        self.table: nn.Parameter | None = None
        if kind == "learned":
            self.table = nn.Parameter(torch.randn(longest, size) * 0.02)

    def forward(self, features: Tensor) -> Tensor:
        """``[batch, items, size]`` → the same with positions added."""
        items, size = features.shape[1:]
        if self.table is not None:
            if items > len(self.table):
                raise ConfigError(
                    f"an utterance has {items} items, but the transformer learned only {len(self.table)} positions; "
                    "set its longest to that or cut utterances with max_words."
                )
            return features + self.table[:items]
        return features + sinusoids(items, size).to(features) if self.kind == "sinusoidal" else features


def sinusoids(items: int, size: int) -> Tensor:
    """``[items, size]``: sin(p / 10000^(2i/size)) in column 2i, the cosine in column 2i + 1."""
    position = torch.arange(items).unsqueeze(1)
    rate = 10000.0 ** (-torch.arange(0, size, 2) / size)
    table = torch.empty(items, size)
    table[:, 0::2] = torch.sin(position * rate)
    table[:, 1::2] = torch.cos(position * rate)[:, : size // 2]
    return table
