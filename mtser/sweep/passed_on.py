"""Options of a sweep that are not its own: they are passed on to each run, checked before the first is started."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from mtser.configuration import Hyperparameters, nearest
from mtser.errors import ConfigError
from mtser.sweep.recipes import OPTIONS

OWN = ("corpus", "recipe", "protocol", "seeds", "jobs", "threads", "output_folder")
"""The options of ``mtser sweep`` itself."""
_INSTEAD = {
    "seed": "give --seeds, one or several",
    "folds_file": "a sweep takes protocols by their names, and a file of folds is one more protocol; use train.py",
}


def read_options(arguments: Sequence[str]) -> dict[str, str | None]:
    """Option → value; None for a flag.

    Parameters
    ----------
    arguments
        Words of the command line: ``--name value``, ``--name=value`` or ``--flag``.

    Raises
    ------
    ConfigError
        If a word belongs to no option, an option is given twice, or it is one that a sweep replaces.

    Example
    -------
    >>> read_options(["--number_of_epochs", "20", "--skip_nonfinite_grads", "--training.patience=5"])
    {'number_of_epochs': '20', 'skip_nonfinite_grads': None, 'training.patience': '5'}
    """
    options: dict[str, str | None] = {}
    name = ""
    for word in arguments:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if name in options:
                raise ConfigError(f"--{name} is given twice.")
            if name in _INSTEAD:
                raise ConfigError(f"--{name} is no option of a sweep: {_INSTEAD[name]}.")
            options[name] = value if equals else None
            name = "" if equals else name
        elif name:
            options[name], name = word, ""
        else:
            raise ConfigError(
                f"{word!r} on the command line belongs to no option; options start with --, and the YAML files come "
                "before them."
            )
    return options


def read_systems(
    files: Sequence[Path], options: Mapping[str, str | None], options_of_recipe: Callable[[], Collection[str]]
) -> list[Hyperparameters]:
    """Each system's YAML with the overrides among the options.

    Parameters
    ----------
    files
        The YAML files.
    options
        Of :func:`read_options`.
    options_of_recipe
        What other options the recipe has; called only if an option is in none of the places where it usually is, since
        asking takes seconds.

    Raises
    ------
    ConfigError
        If an option is neither the recipe's nor in each YAML (the nearest is told), or a value cannot be used.
    """
    names = [name for name in options if name not in OPTIONS]
    in_files = [_names(Hyperparameters(file)) if names else set() for file in files]
    recipe: Collection[str] = ()
    if not all(known.issuperset(names) for known in in_files):
        recipe = options_of_recipe()
    overrides = {name: options[name] for name in names if name not in recipe}
    for name, value in overrides.items():
        # A nested name may be an argument that the file leaves at its default, which the strict reading below knows.
        unknown = "." not in name and not any(name in known for known in in_files)
        if unknown and (near := nearest(name, [*OWN, *OPTIONS, *sorted(recipe)])):
            raise ConfigError(f"there is no option --{name}{near}.")
        if value is None:
            raise ConfigError(f"--{name} needs a value.")
    given = {name: value for name, value in overrides.items() if value is not None}
    settings = Path(text) if (text := options.get("settings")) else None
    return [_overridden(file, given, [*OWN, *OPTIONS, *recipe], settings) for file in files]


def _overridden(
    file: Path, overrides: Mapping[str, str], others: Sequence[str], settings: Path | None
) -> Hyperparameters:
    try:
        return Hyperparameters(file, overrides, others, settings)
    except ConfigError as error:
        told = str(error)
        raise ConfigError(told if told.startswith(str(file)) else f"{file}: {told}") from error


def _names(system: Hyperparameters) -> set[str]:
    """What the file sets, dotted, and the blocks around that."""
    names = {name.removesuffix("!") for name in system.flat()}
    return names | {name[:place] for name in names for place, sign in enumerate(name) if sign == "."}
