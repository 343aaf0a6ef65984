"""A GRU or an LSTM over long rows of different lengths, in one or both directions, that never computes on padding."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from mtser.errors import ConfigError
from mtser.ragged import Ragged

_CELLS: dict[str, type[nn.GRU] | type[nn.LSTM]] = {"gru": nn.GRU, "lstm": nn.LSTM}


class RaggedRNN(nn.Module):
    """One recurrent layer whose state starts at zero in every row.

    Rows are run longest first, so that at step t only the rows that still have an item are computed
    (``PackedSequence``'s order); the second direction starts at each row's own end. On a GPU this is cuDNN's packed
    net. On a CPU the backward pass of PyTorch's packed nets makes a tensor of the size of all items at every step.
    There the steps from the end of one row to the end of the next longer one are a grid without padding, and PyTorch's
    own net goes from grid to grid, its state carried on.

    Parameters
    ----------
    input_size
        Of an item.
    hidden_size
        Of the state of one direction.
    cell
        "gru" or "lstm", as PyTorch defines them.
    bidirectional
        A second net runs from the end of each row to its start, and its states stand behind those of the first.

    Raises
    ------
    ConfigError
        If there is no such cell.

    Notes
    -----
    :class:`~mtser.encoders.ragged_gru.RaggedGRU` is for very many short rows (the frames of words), this class for some
    long ones (the frames or the words of utterances).

    Example
    -------
    >>> frames = Ragged(torch.randn(7, 39), np.array([3, 4]))
    >>> net = RaggedRNN(39, 50, cell="lstm", bidirectional=True)
    >>> states = net(frames)
    >>> states.values.shape, net.last(states).shape
    (torch.Size([7, 100]), torch.Size([2, 100]))
    """

    def __init__(self, input_size: int, hidden_size: int, *, cell: str = "gru", bidirectional: bool = False) -> None:
        super().__init__()
        if cell not in _CELLS:
            raise ConfigError(f"cell of the recurrent net is {cell!r}; it can be gru or lstm.")
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bidirectional = bidirectional
        self.output_size = hidden_size * (2 if bidirectional else 1)
        self.nets = nn.ModuleList(_CELLS[cell](input_size, hidden_size) for _ in range(2 if bidirectional else 1))

    def forward(self, rows: Ragged) -> Ragged:
        """Run over all rows.

        Parameters
        ----------
        rows
            ``values [items, input_size]``; no row may be empty.

        Returns
        -------
        Ragged
            ``values [items, output_size]``: the state of each item, in the order of ``rows``.
        """
        longest_first = np.argsort(-rows.lengths, kind="stable")
        lengths = rows.lengths[longest_first]
        # How many rows have an item at step t: lengths fall, so it is the place where -t would be put in.
        running = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left")
        first, last = rows.starts[longest_first], (rows.starts + rows.lengths - 1)[longest_first]
        orders = [np.concatenate([first[:n] + step for step, n in enumerate(running)])]
        if self.bidirectional:
            orders.append(np.concatenate([last[:n] - step for step, n in enumerate(running)]))
        states = []
        for net, order in zip(self.nets, orders, strict=True):
            found = self._run(net, rows.values.index_select(0, _index(order, rows.values)), running)
            states.append(found.index_select(0, _index(np.argsort(order), rows.values)))
        return Ragged(states[0] if len(states) == 1 else torch.cat(states, 1), rows.lengths)

    def last(self, states: Ragged) -> Tensor:
        """What each direction ends with: the first's state of a row's last item, the second's of its first item.

        Parameters
        ----------
        states
            As :meth:`forward` returns them.

        Returns
        -------
        Tensor
            ``[rows, output_size]``.
        """
        ends = states.values.index_select(0, _index(states.starts + states.lengths - 1, states.values))
        if not self.bidirectional:
            return ends
        begins = states.values.index_select(0, _index(states.starts, states.values))
        return torch.cat([ends[:, : self.hidden_size], begins[:, self.hidden_size :]], 1)

    def _run(self, net: nn.Module, items: Tensor, running: np.ndarray) -> Tensor:
        """``[items, input_size]`` in running order → ``[items, hidden_size]``."""
        if items.is_cuda:
            return net(PackedSequence(items, torch.from_numpy(running)))[0].data
        with torch.autocast("cpu", enabled=False):  # hundreds of steps in half precision are too coarse
            return torch.cat(list(_grid_by_grid(net, items.to(next(net.parameters()).dtype), running)))


def _grid_by_grid(net: nn.Module, items: Tensor, running: np.ndarray) -> Iterator[Tensor]:
    """The states of one grid after the other: ``[items of the grid, hidden_size]``."""
    ends = np.append(np.flatnonzero(np.diff(running)) + 1, len(running))  # the steps at which a row has ended
    n_steps, n_rows = np.diff(ends, prepend=0).tolist(), running[ends - 1].tolist()
    state: Tensor | tuple[Tensor, ...] | None = None
    grids = items.split([steps * rows for steps, rows in zip(n_steps, n_rows, strict=True)])
    for grid, steps, rows in zip(grids, n_steps, n_rows, strict=True):
        if isinstance(state, tuple):
            state = tuple(one[:, :rows].contiguous() for one in state)
        elif state is not None:
            state = state[:, :rows].contiguous()
        states, state = net(grid.view(steps, rows, -1), state)
        yield states.reshape(steps * rows, -1)


def _index(index: np.ndarray, like: Tensor) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(index)).to(like.device, non_blocking=True)
