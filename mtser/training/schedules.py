"""How the learning rate falls, one step an optimizer update."""

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler


def inverse_time(optimizer: Optimizer, rate: float = 0.001) -> LRScheduler:
    """lr / (1 + rate · step): how we read the paper's "decay rate of the learning rate to 0.001".

    Example
    -------
    >>> import torch
    >>> optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = inverse_time(optimizer, rate=1.0)
    >>> optimizer.step(); schedule.step(); schedule.get_last_lr()
    [0.5]
    """
    return LambdaLR(optimizer, lambda step: 1.0 / (1.0 + rate * step))


def constant(optimizer: Optimizer) -> LRScheduler:
    """The learning rate as it is."""
    return LambdaLR(optimizer, lambda step: 1.0)
