"""The names of systems, cut so that they fit and are still told apart."""

import re
from collections.abc import Sequence
from itertools import count

from mtser.pictures import columns_of, shortened_within

_ENSEMBLE = re.compile(r" \(ensemble of \d+ seeds\)$")


def without_ensemble(name: str) -> str:
    """The system alone.

    Example
    -------
    >>> without_ensemble("full (ensemble of 3 seeds)")
    'full'
    """
    return _ENSEMBLE.sub("", name)


def fitting(names: Sequence[str], longest: int) -> list[str]:
    """A text of at most so many columns for each name, another for each other name.

    The middle of a long name is cut out, or another part where names would be alike; those that still are get a number.
    That a row is an ensemble is kept.

    Parameters
    ----------
    names
        Of systems.
    longest
        Columns, at least 16.

    Example
    -------
    >>> fitting(["full_without_spec_augment", "full", "full (ensemble of 3 seeds)"], 18)
    ['full_wit…c_augment', 'full', 'full (ensemble)']
    >>> fitting(["full_without_spec_augment", "full_with_any_spec_augment"], 16)
    ['full_witho…gment', 'full_with_…gment']
    """
    different = list(dict.fromkeys(names))
    single = [name for name in different if name == without_ensemble(name)]
    averaged = [name for name in different if name not in single]
    shown: dict[str, str] = {}
    for group in (single, averaged):
        share = _telling_apart(group, longest)
        for name in group:
            tries = (_cut(name, longest, share, number=f" {i}" if i > 1 else "") for i in count(1))
            shown[name] = next(one for one in tries if one not in shown.values())
    return [shown[name] for name in names]


def _telling_apart(names: Sequence[str], longest: int) -> float:
    """How much of the room the beginnings get: half, or else what leaves the fewest alike."""
    shares = sorted((i / (2 * longest) for i in range(2 * longest + 1)), key=lambda share: abs(share - 0.5))
    return max(shares, key=lambda share: len({_cut(name, longest, share) for name in names}))


def _cut(name: str, longest: int, share: float, number: str = "") -> str:
    alone = without_ensemble(name)
    end = number + (" (ensemble)" if alone != name else "")
    return shortened_within(alone, longest - columns_of(end), share) + end
