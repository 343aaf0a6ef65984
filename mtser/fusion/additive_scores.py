"""Scores of additive attention between every item of one sequence and every item of another, in little memory."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

_AT_ONCE = 1 << 19  # numbers in memory: 2 MB, which caches hold


class AdditiveScores(torch.autograd.Function):
    """s_ij = v^T tanh(a_i + b_j) for the real items i, j of each utterance; -inf where one of them is padding.

    All tanh(a_i + b_j) of a batch would be gigabytes. They are made a few rows at a time, and again for the gradient;
    none is made for padding.

    Example
    -------
    >>> a, b, v = torch.zeros(1, 2, 4), torch.zeros(1, 3, 4), torch.ones(4)
    >>> AdditiveScores.apply(a, b, v, [1], [2])
    tensor([[[0., 0., -inf],
             [-inf, -inf, -inf]]])
    """

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, v: Tensor, n_a: list[int], n_b: list[int]) -> Tensor:
        """Score.

        Parameters
        ----------
        ctx
            Of autograd.
        a, b
            ``[batch, items of a, size]`` and ``[batch, items of b, size]``.
        v
            ``[size]``.
        n_a, n_b
            How many items of each utterance are real.

        Returns
        -------
        Tensor
            ``[batch, items of a, items of b]``.
        """
        scores = a.new_full((len(a), a.shape[1], b.shape[1]), -torch.inf)
        for row, some, real in _portions(n_a, n_b, len(v)):
            scores[row, some, real] = torch.tanh(a[row, some, None] + b[row, None, real]) @ v
        ctx.save_for_backward(a, b, v)
        ctx.lengths = n_a, n_b
        return scores

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:  # type: ignore[override]
        """ds/da = ds/db = v (1 - tanh²), ds/dv = tanh."""
        a, b, v = ctx.saved_tensors
        grad_a, grad_b, grad_v = torch.zeros_like(a), torch.zeros_like(b), torch.zeros_like(v)
        n_a, n_b = ctx.lengths
        for row, some, real in _portions(n_a, n_b, len(v)):
            tanh = torch.tanh(a[row, some, None] + b[row, None, real])
            here = grad[row, some, real]
            grad_v += here.flatten() @ tanh.flatten(0, 1)
            inner = tanh.square_().neg_().add_(1).mul_(v).mul_(here.unsqueeze(2))
            grad_a[row, some] = inner.sum(1)
            grad_b[row, real] += inner.sum(0)
        return grad_a, grad_b, grad_v, None, None


def _portions(n_a: list[int], n_b: list[int], size: int) -> Iterator[tuple[int, slice, slice]]:
    """Utterance, some of its items of a, its items of b."""
    for row, (rows, columns) in enumerate(zip(n_a, n_b, strict=True)):
        step = max(1, _AT_ONCE // (columns * size))
        for begin in range(0, rows, step):
            yield row, slice(begin, min(begin + step, rows)), slice(columns)
