"""Holm's correction for many comparisons."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """Adjusted p-values: one of those below 0.05 is wrong in at most 5 % of experiments, whatever their dependence.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none is below one that precedes it, or above 1.
    Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6, 1979.

    Parameters
    ----------
    p
        One value a comparison.

    Returns
    -------
    list of float
        In the same order.

    Example
    -------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted.tolist()
