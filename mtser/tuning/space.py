"""What is searched: a YAML file of names and the values that each may have.

Each key is a name of the system's YAML, nested ones with dots; each value says what may be tried::

    training.optimizer.lr: {low: 0.0001, high: 0.003, log: True}
    classifier.dropout: {low: 0.2, high: 0.7, step: 0.1}
    batch_size: [16, 32, 64]
    training.average: [null, blocks/training/average_ema.yaml]
    training.average.decay:
        low: 0.99
        high: 0.999
        if: {training.average: blocks/training/average_ema.yaml}
"""

import inspect
import math
import pydoc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, cast

from mtser.configuration import Hyperparameters, as_text, read_names
from mtser.errors import ConfigError, MtserError
from mtser.tuning.optional import Trial

_KEYS = ("low", "high", "log", "step", "choices", "if")
_NOT_SEARCHED = {
    "seed": "all trials have the first of --seeds",
    "n_classes": "the corpus says how many there are",
    "system": "it is a name",
    "training.select_by": "trials are compared by one measure; set it for all of them (--training.select_by)",
}


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


@dataclass(frozen=True)
class Space:
    """All that is searched, in the file's order.

    Parameters
    ----------
    parameters
        Each name once.
    file
        For messages.
    """

    parameters: tuple[Parameter, ...]
    file: Path

    def suggest(self, trial: Trial) -> dict[str, str]:
        """The settings of a trial: name → value as YAML text."""
        chosen: dict[str, str] = {}
        for parameter in self.parameters:
            if parameter.applies(chosen):
                chosen[parameter.name] = parameter.suggest(trial)
        return chosen

    def present(self, system: Hyperparameters) -> dict[str, Any]:
        """What the YAML itself has, as far as the search could come to it: the first trial."""
        flat, found = system.flat(), dict[str, Any]()
        chosen: dict[str, str] = {}
        for parameter in self.parameters:
            if not parameter.applies(chosen):
                continue
            if any(name.startswith((f"{parameter.name}!", f"{parameter.name}.")) for name in flat):
                value = self._choice_like(parameter, system, flat, chosen)
            else:
                value = parameter.inside(_value(parameter.name, flat))
            if value is not None:
                found[parameter.name], chosen[parameter.name] = value, as_text(value)
        return found

    def _choice_like(
        self, parameter: Parameter, system: Hyperparameters, flat: Mapping[str, Any], chosen: Mapping[str, str]
    ) -> str | None:
        """The choice that is the block of the YAML, but for what is searched in it; None if none is."""
        for choice in parameter.choices:
            beside = {**chosen, parameter.name: choice}
            inside = [one for one in self.parameters if one.name.startswith(f"{parameter.name}.")]
            searched = [one.name for one in inside if one.applies(beside)]
            try:
                other = system.overridden({parameter.name: choice}).flat()
            except MtserError:  # an option of the command line that only another choice has
                continue
            if all(_is_inside(name, searched) for name in _differing(flat, other)):
                return choice
        return None

    def greatest(self, name: str) -> int:
        """The greatest number that a name may have; 0 if it is not searched."""
        ends = [end for one in self.parameters if one.name == name for end in one.ends()]
        return int(max(map(float, ends), default=0))

    def check(self, system: Hyperparameters, *, nested: bool = False) -> None:
        """Refuse names that the YAML lacks, and values that it cannot be built with.

        Parameters
        ----------
        system
            The YAML with the values of the command line.
        nested
            Whether each fold of one run gets settings of its own, so that they have to leave the corpus as it is.

        Raises
        ------
        ConfigError
            The sentence names the file and the name, and the nearest name that there is.
        """
        for parameter in self.parameters:
            if parameter.name in _NOT_SEARCHED:
                raise ConfigError(f"{self.file}: {parameter.name} cannot be searched: {_NOT_SEARCHED[parameter.name]}.")
        check = _check_fold(system, self) if nested else None
        free = [one for one in self.parameters if not one.condition]
        try:  # many at once: to build a system takes a while
            for number in range(max((len(one.ends()) for one in free), default=0)):
                _try(system, {one.name: one.ends()[number % len(one.ends())] for one in free}, check)
            each = [one for one in self.parameters if one.condition]
        except MtserError:
            _try(system, {})  # its own mistakes are not the space's
            each = list(self.parameters)
        for parameter in each:
            beside = self._condition_of(parameter)
            for value in parameter.ends():
                try:
                    _try(system, {**beside, parameter.name: value}, check)
                except MtserError as error:
                    told = str(error).removeprefix(f"{system.file}: ")
                    raise ConfigError(f"{self.file}: {parameter.name} cannot be {value}: {told}") from error

    def _condition_of(self, parameter: Parameter) -> dict[str, str]:
        """One choice of what the parameter depends on, and of what that depends on."""
        by_name = {one.name: one for one in self.parameters}
        found: dict[str, str] = {}
        for name, values in parameter.condition.items():
            found |= {**self._condition_of(by_name[name]), name: values[0]}
        return found


def _check_fold(system: Hyperparameters, space: Space) -> Callable[[Mapping[str, Any]], None]:
    """Refuse names that no fold may have for itself; what refuses blocks that none may have."""
    from mtser.training.fold_settings import ONE_FOR_ALL, check_turns, turns_before

    for parameter in space.parameters:
        if parameter.name in ONE_FOR_ALL:
            why = ONE_FOR_ALL[parameter.name]
            raise ConfigError(f"{space.file}: {parameter.name} cannot be searched with --nested: {why}.")
    return partial(check_turns, turns=turns_before(system.build()))


def _try(
    system: Hyperparameters, values: Mapping[str, str], check: Callable[[Mapping[str, Any]], None] | None = None
) -> None:
    """Build the system with these values, and look at the numbers that no block checks."""
    other = system.overridden(values)
    for name in ("number_of_epochs", "batch_size"):
        if name in values:
            other.whole_number(name)
    objects = other.build()
    if check is not None:
        check(objects)


def read_space(file: Path) -> Space:
    """Read a search space.

    Raises
    ------
    ConfigError
        If it cannot be read, or a value is neither a list of choices nor a range.
    """
    told = read_names(file, str(file), "a search space is a mapping of names to a list of choices or to a range")
    parameters: list[Parameter] = []
    for name, value in told.items():
        try:
            parameters.append(_parameter(name, value, parameters))
        except ValueError as error:
            raise ConfigError(f"{file}: {name}: {error}.") from error
    return Space(tuple(parameters), file)


def _default(name: str, flat: Mapping[str, Any]) -> Any:
    """An argument that the YAML leaves at the default of its class."""
    block, _, argument = name.rpartition(".")
    try:
        kind = pydoc.locate(str(flat.get(f"{block}!", "")).partition(":")[2])
        return inspect.signature(kind).parameters[argument].default  # type: ignore[arg-type]
    except (TypeError, ValueError, KeyError, pydoc.ErrorDuringImport):
        return inspect.Parameter.empty


def is_present(system: Hyperparameters, settings: Mapping[str, str]) -> bool:
    """Whether the settings of a trial leave the YAML as it is."""
    return not _differing(system.flat(), system.overridden(settings).flat())


def _differing(flat: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names that have other values; what one YAML says, another may leave at its default."""
    return [name for name in {**flat, **other} if _value(name, flat) != _value(name, other)]


def _value(name: str, flat: Mapping[str, Any]) -> Any:
    return flat[name] if name in flat else _default(name, flat)


def _is_inside(name: str, blocks: list[str]) -> bool:
    return any(name == one or name.startswith((f"{one}.", f"{one}!")) for one in blocks)


def _parameter(name: str, value: Any, above: list[Parameter]) -> Parameter:
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
