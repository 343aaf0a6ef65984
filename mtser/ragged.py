"""Rows of different lengths without padding: the shape in which everything waits until a block needs a grid."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

_LONG = 64  # items of a row, from where rows are copied one by one


@dataclass(frozen=True)
class Ragged:
    """Rows of items, one behind the other.

    Parameters
    ----------
    values
        ``[items, ...]``: the items of row 0, then those of row 1, and so on.
    lengths
        ``[rows]``, int64 on the CPU: how many items each row has. It stays on the CPU, so that asking for a size never
        waits for a GPU.

    Example
    -------
    >>> rows = Ragged(torch.tensor([1., 2., 3.]), np.array([2, 1]))
    >>> rows.pad()
    tensor([[1., 2.],
            [3., 0.]])
    >>> rows.select(np.array([1])).values
    tensor([3.])
    """

    values: Tensor
    lengths: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def starts(self) -> np.ndarray:
        """``[rows]``: where each row begins in ``values``."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def row_of_item(self) -> np.ndarray:
        """``[items]``: the row of each item."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    def select(self, rows: np.ndarray) -> "Ragged":
        """The given rows, in the given order."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        if len(lengths) and lengths.sum() >= _LONG * len(lengths):  # an index of every item would take longer, and room
            parts = zip(starts.tolist(), lengths.tolist(), strict=True)
            return Ragged(torch.cat([self.values[start : start + length] for start, length in parts]), lengths)
        return Ragged(self.values[_on(self.values, spans(starts, lengths))], lengths)

    def pad(self) -> Tensor:
        """``[rows, longest, ...]``, zero behind each row's end."""
        rows, longest = len(self.lengths), int(self.lengths.max(initial=0))
        columns = np.arange(len(self.row_of_item)) - np.repeat(self.starts, self.lengths)
        grid = self.values.new_zeros(rows * longest, *self.values.shape[1:])
        grid = grid.index_copy(0, _on(self.values, self.row_of_item * longest + columns), self.values)
        return grid.view(rows, longest, *self.values.shape[1:])

    def mean_of_rows(self) -> Tensor:
        """``[rows, ...]``: the mean over each row's items; no row may be empty."""
        sums = self.values.new_zeros(len(self), *self.values.shape[1:])
        sums = sums.index_add(0, _on(self.values, self.row_of_item), self.values)
        return sums / _on(self.values, self.lengths).view(-1, *[1] * (self.values.dim() - 1))

    def to(self, device: torch.device | str) -> "Ragged":
        """The same rows with their values on ``device``."""
        return Ragged(self.values.to(device), self.lengths)


def spans(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """``[sum of lengths]``: start, start + 1, ... of every span, one span behind the other."""
    before = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)


def _on(like: Tensor, index: np.ndarray) -> Tensor:
    """An index tensor on the device of ``like``; the copy to a GPU does not wait."""
    return torch.from_numpy(np.ascontiguousarray(index)).to(like.device, non_blocking=True)
