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
import pydoc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mtser.configuration import Hyperparameters, as_text, read_names
from mtser.errors import ConfigError, MtserError
from mtser.tuning.optional import Trial
from mtser.tuning.parameter import Parameter, read_parameter

_NOT_SEARCHED = {
    "seed": "all trials have the first of --seeds",
    "n_classes": "the corpus says how many there are",
    "system": "it is a name",
    "training.select_by": "trials are compared by one measure; set it for all of them (--training.select_by)",
}


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
    from mtser.training.dialogs import check_turns, turns_before
    from mtser.training.fold_settings import ONE_FOR_ALL

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
            parameters.append(read_parameter(name, value, parameters))
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
