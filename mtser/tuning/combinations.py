"""All settings of a space that has no more than can be tried."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mtser.configuration import as_text
from mtser.tuning.parameter import Parameter
from mtser.tuning.space import Space


def combinations(space: Space, most: int) -> list[dict[str, Any]] | None:
    """Everything that a search of the space could come to.

    Parameters
    ----------
    space
        What is searched.
    most
        How many are worth listing.

    Returns
    -------
    list of dict
        Name → value as Optuna has it; a name whose condition is not met is left out. None if there are more than
        ``most``, as where a range has no steps.

    Example
    -------
    >>> from pathlib import Path
    >>> space = Space((Parameter("a", ("x", "y")), Parameter("b", low=1, high=2, condition={"a": ("y",)})), Path())
    >>> combinations(space, most=3)
    [{'a': 'x'}, {'a': 'y', 'b': 1}, {'a': 'y', 'b': 2}]
    >>> combinations(space, most=2) is None
    True
    """
    values = {parameter.name: _values(parameter, most) for parameter in space.parameters}
    if any(listed is None for listed in values.values()):
        return None
    found = list(islice(_from(space.parameters, values, {}), most + 1))
    return None if len(found) > most else found


def _values(parameter: Parameter, most: int) -> list[Any] | None:
    """All that one name may have; None if that is more than ``most``."""
    if parameter.choices:
        listed: Iterator[Any] = iter(parameter.choices)
    elif isinstance(parameter.low, int) and isinstance(parameter.high, int):
        listed = iter(range(parameter.low, parameter.high + 1, int(parameter.step or 1)))
    elif parameter.step is not None:
        n_steps = int((parameter.high - parameter.low) / parameter.step + 1e-9)
        listed = map(parameter.after_steps, range(n_steps + 1))
    else:
        return None
    found = list(islice(listed, most + 1))
    return None if len(found) > most else found


def _from(parameters: tuple[Parameter, ...], values: Mapping[str, Any], chosen: dict[str, Any]) -> Iterator[dict]:
    if not parameters:
        yield chosen
        return
    first, rest = parameters[0], parameters[1:]
    if not first.applies({name: as_text(value) for name, value in chosen.items()}):
        yield from _from(rest, values, chosen)
        return
    for value in values[first.name]:
        yield from _from(rest, values, {**chosen, first.name: value})
