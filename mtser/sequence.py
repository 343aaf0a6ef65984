"""Sequence: what every encoder returns and every fusion block takes and returns, one per modality."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mtser.ragged import Ragged


@dataclass(frozen=True)
class Sequence:
    """One modality of a batch as vectors along time.

    Parameters
    ----------
    features
        ``[batch, items, dim]``. What stands on padding is undefined: mask it.
    lengths
        ``[batch]``, on the same device: how many items are real.
    unit
        What an item is: "utterance", "turn" (of a dialog), "word", "phone" or "frame".

    Example
    -------
    >>> words = Sequence(torch.ones(2, 3, 1), torch.tensor([3, 1]), "word")
    >>> words.mask
    tensor([[ True,  True,  True],
            [ True, False, False]])
    >>> words.masked().features[1, :, 0]
    tensor([1., 0., 0.])
    """

    features: Tensor
    lengths: Tensor
    unit: str

    @classmethod
    def from_rows(cls, rows: Ragged, unit: str) -> "Sequence":
        """One row an utterance → the padded sequence; ``values [items, dim]``.

        Example
        -------
        >>> import numpy as np
        >>> Sequence.from_rows(Ragged(torch.ones(4, 2), np.array([3, 1])), "frame").features.shape
        torch.Size([2, 3, 2])
        """
        lengths = torch.from_numpy(rows.lengths).to(rows.values.device, non_blocking=True)
        return cls(rows.pad(), lengths, unit)

    @property
    def mask(self) -> Tensor:
        """``[batch, items]``, True on real items."""
        positions = torch.arange(self.features.shape[1], device=self.features.device)
        return positions < self.lengths.unsqueeze(1)

    def with_features(self, features: Tensor) -> "Sequence":
        """The same items with other vectors."""
        return replace(self, features=features)

    def masked(self) -> "Sequence":
        """The same sequence with zeros on padding, whatever stood there (NaN too)."""
        return self.with_features(self.features.masked_fill(~self.mask.unsqueeze(-1), 0.0))

    def maximum(self) -> Tensor:
        """``[batch, dim]``: the greatest value of each dimension over the real items."""
        return self.features.masked_fill(~self.mask.unsqueeze(-1), -torch.inf).amax(1)


Sequences = dict[str, Sequence]
"""Modality name → sequence; the order is the order of the model's encoders."""
