"""When a trial is ended early: what it has reached is below the median of what others had reached by then."""

from collections.abc import Mapping, Sequence
from statistics import median

FIRST = 5
"""Trials that run to their end before any is judged."""
WARM_UP = 10
"""Epochs of each fold in which nothing is judged: a slow start is no bad end."""


def falls_behind(reached: Mapping[int, float], others: Sequence[Mapping[int, float]], limit: int) -> bool:
    """Whether a trial is to be ended.

    (Optuna's own pruner compares the best that the trial ever had, so that an easy first fold would protect it.)

    Parameters
    ----------
    reached
        Step → what the trial had by then, the latest step last: the mean over the folds so far.
    others
        The same of each trial that came to its end. Of one whose fold ended sooner, the last value by that step counts.
    limit
        Steps of a fold.

    Example
    -------
    >>> others = [{11: 0.6, 31: 0.5}] * 5
    >>> falls_behind({11: 0.7, 31: 0.4}, others, limit=20), falls_behind({11: 0.7, 31: 0.5}, others, limit=20)
    (True, False)
    >>> falls_behind({11: 0.7, 22: 0.4}, others, limit=20)  # the second epoch of its second fold
    False
    """
    step = max(reached, default=0)
    if len(others) < FIRST or not step or (step - 1) % limit < WARM_UP:
        return False
    by_then = [[value for at, value in sorted(one.items()) if at <= step] for one in others]
    values = [one[-1] for one in by_then if one]
    return bool(values) and reached[step] < median(values)
