"""Under ``torchrun``: from a process's share of a batch to the whole batch."""

from typing import Any

import torch
from torch import Tensor


def whole_batch(mine: Tensor, share: float) -> Tensor:
    """Put the shares of all processes together; gradients find their way back.

    Parameters
    ----------
    mine
        ``[rows of this process, ...]``: of every n-th row of the batch, as
        :class:`~mtser.training.batches.TrainingBatches` deals them out.
    share
        Of the rows in the batch (``LabelledBatch.share``).

    Returns
    -------
    Tensor
        ``[rows of the batch, ...]``, in the batch's order. A batch that was too small to be dealt out, so that every
        process has all of it, has each row once a process: means, variances and covariances do not see that.
    """
    rank, world_size = torch.distributed.get_rank(), torch.distributed.get_world_size()
    rows = mine.new_zeros(round(len(mine) / share), *mine.shape[1:])
    places = torch.arange(rank, len(rows), world_size, device=mine.device)
    return _SumOverProcesses.apply(rows.index_copy(0, places, mine))


class _SumOverProcesses(torch.autograd.Function):
    """The sum over processes; its gradient is the sum of the processes' gradients."""

    @staticmethod
    def forward(ctx: Any, mine: Tensor) -> Tensor:
        total = mine.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        torch.distributed.all_reduce(total)
        return total
