"""How the learning rate rises and falls, one step an optimizer update.

Each schedule can warm up: over the first ``warmup`` updates the rate grows evenly from near 0, and multiplies what the
schedule says.
"""

import inspect
import math
from collections.abc import Callable

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from mtser.checks import check_number, check_whole_number


def inverse_time(optimizer: Optimizer, rate: float = 0.001, warmup: int = 0) -> LRScheduler:
    """lr / (1 + rate · step): how we read the paper's "decay rate of the learning rate to 0.001".

    Example
    -------
    >>> import torch
    >>> optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1.0)
    >>> schedule = inverse_time(optimizer, rate=1.0)
    >>> optimizer.step(); schedule.step(); schedule.get_last_lr()
    [0.5]
    """
    check_number("rate of the schedule", rate)
    return _warmed(optimizer, lambda step: 1.0 / (1.0 + rate * step), warmup)


def constant(optimizer: Optimizer, warmup: int = 0) -> LRScheduler:
    """The learning rate as it is."""
    return _warmed(optimizer, lambda step: 1.0, warmup)


def inverse_square_root(optimizer: Optimizer, warmup: int = 400) -> LRScheduler:
    """lr · min(step / warmup, √(warmup / step)), the transformer's (Vaswani et al., section 5.3); lr is its peak."""
    check_whole_number("warmup of the schedule", warmup)
    return _warmed(optimizer, lambda step: math.sqrt(warmup / max(step + 1, warmup)), warmup)


def cosine(
    optimizer: Optimizer, steps_per_epoch: int, epochs: int = 30, floor: float = 0.0, warmup: int = 0
) -> LRScheduler:
    """Half a cosine from lr to ``floor`` · lr within ``epochs``, then constant (Loshchilov and Hutter, 2017).

    Parameters
    ----------
    optimizer
        Its learning rate is changed.
    steps_per_epoch
        Updates of an epoch; training gives it.
    epochs
        Of the descent. Early stopping may end training before; set ``number_of_epochs`` to the same to train all of it.
    floor
        The last learning rate over the first.
    warmup
        Updates.
    """
    check_whole_number("epochs of the schedule", epochs)
    check_number("floor of the schedule", floor, most=1.0)
    n_steps = steps_per_epoch * epochs

    def factor(step: int) -> float:
        return floor + (1.0 - floor) * 0.5 * (1.0 + math.cos(math.pi * min(step / n_steps, 1.0)))

    return _warmed(optimizer, factor, warmup)


def make_schedule(schedule: Callable[..., LRScheduler], optimizer: Optimizer, steps_per_epoch: int) -> LRScheduler:
    """A schedule as a YAML names it; one that asks for it is told how many updates an epoch has."""
    more = {"steps_per_epoch": steps_per_epoch} if "steps_per_epoch" in inspect.signature(schedule).parameters else {}
    made = schedule(optimizer, **more)
    if isinstance(made, ReduceLROnPlateau):
        raise ValueError("ReduceLROnPlateau waits for a measure, but schedules are stepped after every update")
    return made


def _warmed(optimizer: Optimizer, factor: Callable[[int], float], warmup: int) -> LRScheduler:
    check_whole_number("warmup of the schedule", warmup, least=0)
    if not warmup:
        return LambdaLR(optimizer, factor)
    return LambdaLR(optimizer, lambda step: factor(step) * min((step + 1) / warmup, 1.0))
