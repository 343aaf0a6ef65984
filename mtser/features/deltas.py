"""Deltas and accelerations of features."""

import torch


def with_deltas(static: torch.Tensor) -> torch.Tensor:
    """Append deltas and accelerations, with openSMILE's conventions at the ends of an utterance.

    A delta is the slope over five frames, ``Σ_k k (c[t+k] - c[t-k]) / 10`` with k = 1, 2 (HTK book, section 5.9).
    Outside of the utterance c has the value of the nearest frame. An acceleration is the delta of the deltas; before
    the first frame they have its value, behind the last frame they go on as deltas of the prolonged c.

    Parameters
    ----------
    static
        ``[frames, dim]``.

    Returns
    -------
    torch.Tensor
        ``[frames, 3 * dim]``.

    Example
    -------
    >>> with_deltas(torch.arange(9.0)[:, None])[4]
    tensor([4., 1., 0.])
    """
    delta = _slope(_prolonged(static, 2, 4))
    acceleration = _slope(_prolonged(delta, 2, 0))
    return torch.cat([static, delta[: len(static)], acceleration], dim=1)


def _prolonged(values: torch.Tensor, before: int, behind: int) -> torch.Tensor:
    """Repeat the first and the last frame: ``[frames, dim]`` → ``[before + frames + behind, dim]``."""
    return torch.cat([values[:1].expand(before, -1), values, values[-1:].expand(behind, -1)])


def _slope(values: torch.Tensor) -> torch.Tensor:
    """``[frames, dim]`` → ``[frames - 4, dim]``."""
    return ((values[3:-1] - values[1:-3]) + 2.0 * (values[4:] - values[:-4])) / 10.0
