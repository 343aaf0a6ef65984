"""One name of a search space, and the values that it may have."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from mtser.configuration import as_text
from mtser.tuning.optional import Trial

_KEYS = ("low", "high", "log", "step", "choices", "if")


@dataclass(frozen=True)
class Parameter:
    """One name, and the values that it may have.

    Parameters
    ----------
    name
        In the system's YAML, dotted.
    choices
        Values as YAML text; empty for a range.
    low, high
        Ends of a range; both whole numbers: only whole numbers are tried.
    log
        Whether the logarithm is drawn from evenly.
    step
        Between two values of a range; None for any number.
    condition
        Only searched where these other names, above it in the file, have one of these values (as YAML text).
    """

    name: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    condition: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def applies(self, chosen: Mapping[str, str]) -> bool:
        """Whether it is searched beside what was chosen before it."""
        return all(chosen.get(name) in values for name, values in self.condition.items())

    def suggest(self, trial: Trial) -> str:
        """Let Optuna choose; the value as YAML text."""
        if self.choices:
            return trial.suggest_categorical(self.name, self.choices)
        if isinstance(self.low, int) and isinstance(self.high, int):
            value: float = trial.suggest_int(self.name, self.low, self.high, step=int(self.step or 1), log=self.log)
        else:
            value = trial.suggest_float(self.name, self.low, self.high, step=self.step, log=self.log)
            if self.step is not None:
                value = self.after_steps(round((value - self.low) / self.step))
        return as_text(value)

    def after_steps(self, number: int) -> float:
        """The value so many steps above ``low``, in decimals: 0.3, not 0.1 + 2 · 0.1 = 0.30000000000000004."""
        return float(Decimal(str(self.low)) + number * Decimal(str(self.step)))

    def ends(self) -> tuple[str, ...]:
        """What is tried before the search begins: all choices, or both ends of the range."""
        return self.choices or (as_text(self.low), as_text(self.high))

    def inside(self, value: Any) -> Any:
        """A value of the YAML as Optuna has it; None if the search would never come to it."""
        if self.choices:
            return next((one for one in self.choices if _same(one, as_text(value))), None)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high:
            return None
        off = 0.0 if self.step is None else abs((value - self.low) / self.step - round((value - self.low) / self.step))
        return value if off < 1e-9 else None


def read_parameter(name: str, value: Any, above: list[Parameter]) -> Parameter:
    """What the file of a space says of one name.

    Parameters
    ----------
    name, value
        The key and its value.
    above
        Those that stand above it, on which it may depend.

    Raises
    ------
    ValueError
        If the value is neither a list of choices nor a range; the sentence says what is wrong.

    Example
    -------
    >>> read_parameter("batch_size", [16, 32], []).choices
    ('16', '32')
    """
    if isinstance(value, list):
        value = {"choices": value}
    if not isinstance(value, Mapping):
        raise ValueError(f"{value!r} is neither a list of choices nor a range {{low: ..., high: ...}}")
    if unknown := [str(key) for key in value if key not in _KEYS]:
        raise ValueError(f"it has {unknown[0]!r}; known are {', '.join(_KEYS)}")
    condition = _condition(value.get("if", {}), above)
    if "choices" in value:
        choices = tuple(map(as_text, value["choices"])) if isinstance(value["choices"], list) else ()
        if not choices or len(set(choices)) < len(choices) or len(value.keys() - {"choices", "if"}):
            raise ValueError("choices are a list of different values, and have no low, high, log or step")
        return Parameter(name, choices, condition=condition)
    low, high, log, step = [cast(Any, value.get(key)) for key in ("low", "high", "log", "step")]
    for one in (low, high, *([] if step is None else [step])):
        if not isinstance(one, int | float) or isinstance(one, bool) or not math.isfinite(one):
            raise ValueError("a range needs low and high, and they and step are numbers")
    if not low < high or (step is not None and step <= 0) or not isinstance(log, bool | None):
        raise ValueError("a range goes from low up to high, its step is greater than 0, and log is True or False")
    if log and (low <= 0 or step is not None):
        raise ValueError("with log a range begins above 0 and has no step")
    whole = isinstance(low, int) and isinstance(high, int) and (step is None or isinstance(step, int))
    ends = {"low": low, "high": high} if whole else {"low": float(low), "high": float(high)}
    return Parameter(name, **ends, log=bool(log), step=step, condition=condition)


def _condition(value: Any, above: list[Parameter]) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise ValueError("'if' is a mapping of names to the value or the list of values that they have to have")
    by_name = {one.name: one for one in above}
    if missing := [str(name) for name in value if name not in by_name]:
        raise ValueError(f"'if' names {missing[0]}, which does not stand above it in the space")
    found = {}
    for name, values in value.items():
        wanted = values if isinstance(values, list) else [values]
        if not wanted:
            raise ValueError(f"'if' has no value for {name}")
        reached = [by_name[name].inside(one) for one in wanted]
        if None in reached:
            raise ValueError(f"'if' wants {name} to be {wanted[reached.index(None)]}, which the space never tries")
        found[str(name)] = tuple(map(as_text, reached))
    return found


def _same(one: str, other: str) -> bool:
    """Whether two values are the same text, or the same number."""
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False
