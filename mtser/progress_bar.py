"""The one kind of progress bar that mtser shows."""

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm


def progress_bar(iterable: Iterable[Any] | None = None, *, show: bool = True, **options: Any) -> tqdm:
    """A tqdm bar with the time left; where errors do not go to a terminal (a log), it is shown twice a minute.

    Parameters
    ----------
    iterable
        What is gone through; None for a bar that is updated by hand.
    show
        Whether to show it.
    **options
        tqdm's own (``total``, ``desc``, ``unit``, ...).

    Example
    -------
    >>> sum(progress_bar([1, 2, 3], desc="Adding", show=False))
    6
    """
    seconds = 0.1 if sys.stderr.isatty() else 30.0
    return tqdm(iterable, disable=not show, mininterval=seconds, maxinterval=seconds, dynamic_ncols=True, **options)
