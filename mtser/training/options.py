"""The command line of a recipe: its own options, SpeechBrain's run options, and overrides of the YAML."""

import argparse
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from speechbrain.utils.run_opts import HELP_TEXTS, RunOptions

from mtser.configuration import Hyperparameters, nearest
from mtser.errors import ConfigError

_NOT_FOR_USERS = ("audio_index", "progress")  # arguments of a corpus reader that the recipe gives


@dataclass(frozen=True)
class Options:
    """What a command line asks for; the fields are the options of :func:`parse_options`."""

    hyperparameters: Hyperparameters
    data_folder: Path | None
    corpus_name: str | None
    protocol: str | None
    folds: tuple[int, ...] | None
    folds_file: Path | None
    seeds: tuple[int, ...]
    output_folder: Path
    run_name: str | None
    cache_folder: Path | None
    jobs: int | None
    reader_options: dict[str, Any] = field(default_factory=dict)
    run_opts: dict[str, Any] = field(default_factory=dict)


def parse_options(reader: Callable[..., Any], description: str, arguments: list[str]) -> Options:
    """Read a recipe's command line.

    Parameters
    ----------
    reader
        The corpus reader; its keyword arguments are options.
    description
        One line for ``--help``.
    arguments
        ``sys.argv[1:]``.

    Raises
    ------
    ConfigError
        If an option does not exist (the nearest is told), is given twice, or has a value that cannot be read. Options
        are never abbreviated.
    """
    parser = _parser(reader, description)
    known, rest = parser.parse_known_args(arguments)
    _refuse_repeated(arguments)
    overrides = _overrides(rest)
    given = {name: getattr(known, name) for name in _reader_options(reader)}
    reader_options = {name: _yaml(name, text) for name, text in given.items() if text is not None}
    file = Path(known.hparams)
    hyperparameters = _with_overrides(file, overrides, [*vars(known)])
    if known.seeds and "seed" in overrides:
        raise ConfigError("--seed and --seeds are both given; give one of them.")
    run_opts = {name: value for name in HELP_TEXTS if (value := getattr(known, name, None)) is not None}
    return Options(
        hyperparameters=hyperparameters,
        data_folder=known.data_folder,
        corpus_name=known.corpus_name,
        protocol=known.protocol,
        folds=known.folds,
        folds_file=known.folds_file,
        seeds=known.seeds or (_seed(hyperparameters),),
        output_folder=known.output_folder,
        run_name=known.run_name,
        cache_folder=known.cache_folder,
        jobs=known.jobs,
        reader_options=reader_options,
        run_opts=run_opts,
    )


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as every other error of mtser."""

    def error(self, message: str) -> Any:
        raise ConfigError(f"{message} (--help lists the options).")


def _parser(reader: Callable[..., Any], description: str) -> argparse.ArgumentParser:
    parser = _Parser(
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=textwrap.dedent(
            """\
            Every name in the YAML is an option too: --number_of_epochs 20, and nested ones with dots:
            --transformer.share "[q, k, v]". A .yaml file in the place of a block replaces the whole block:
            --interaction blocks/fusion/mean_pooling.yaml. Names that do not exist are refused.
            """
        ),
    )
    add = parser.add_argument
    add("hparams", help="the system: a HyperPyYAML file, for example hparams/full.yaml")
    add("--data_folder", type=Path, help="the corpus; without it, a recipe with a mini corpus makes that")
    add("--corpus_name", help="the corpus's name in the results (default: the data folder's)")
    add("--protocol", help="how the corpus is divided (default: loso, or lospo for corpora without sessions)")
    add("--folds", type=_numbers, help="only these folds, for example 1,3")
    add("--folds_file", type=Path, help="your own folds, as a JSON file like the folds.json of a run")
    add("--seeds", type=_numbers, help="several seeds one after the other, for example 1,2,3 (one seed: --seed)")
    add("--output_folder", type=Path, default=Path("results"), help="where the run folders lie (default: results)")
    add("--run_name", help="sets runs of one system apart (default: the system's name)")
    add("--cache_folder", type=Path, help="where features and the mini corpus are kept (default: ~/.cache/mtser)")
    add("--jobs", type=int, help="processes for feature extraction (default: one a core)")
    group = parser.add_argument_group("the corpus reader")
    for name, default in _reader_options(reader).items():
        group.add_argument(f"--{name}", metavar="YAML", help=f"default: {default}")
    group = parser.add_argument_group("SpeechBrain's run options")
    for name, text in HELP_TEXTS.items():
        default = getattr(RunOptions(), name)
        if default is False:
            group.add_argument(f"--{name}", action="store_true", default=None, help=text)
        else:
            choices = ["fp32", "fp16", "bf16"] if "precision" in name else None
            kind = type(default) if default is not None else str
            group.add_argument(f"--{name}", type=kind, choices=choices, help=text)
    return parser


def _reader_options(reader: Callable[..., Any]) -> dict[str, Any]:
    """The reader's keyword-only arguments that a user may set, with their defaults."""
    parameters = inspect.signature(reader).parameters.values()
    return {
        one.name: one.default
        for one in parameters
        if one.kind is inspect.Parameter.KEYWORD_ONLY and one.name not in _NOT_FOR_USERS
    }


def _overrides(rest: list[str]) -> dict[str, str]:
    overrides, waiting = {}, list(rest)
    while waiting:
        name, equals, value = waiting.pop(0).partition("=")
        if not name.startswith("--"):
            raise ConfigError(f"{name!r} on the command line belongs to no option; options start with --.")
        if not equals:
            if not waiting or waiting[0].startswith("--"):
                raise ConfigError(f"{name} needs a value.")
            value = waiting.pop(0)
        overrides[name[2:]] = value
    return overrides


def _with_overrides(file: Path, overrides: Mapping[str, str], options: list[str]) -> Hyperparameters:
    plain = Hyperparameters(file)
    names = plain.names()
    for name in overrides:
        if name not in names:
            raise ConfigError(f"there is no option --{name}{nearest(name, [*options, *names])}.")
    return Hyperparameters(file, overrides)


def _refuse_repeated(arguments: list[str]) -> None:
    names = [argument.partition("=")[0] for argument in arguments if argument.startswith("--")]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{name} is given twice.")


def _numbers(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no list of numbers such as 1,3") from error
    if len(set(numbers)) < len(numbers):
        raise argparse.ArgumentTypeError(f"{text!r} names a number twice")
    return numbers


def _yaml(name: str, text: str) -> Any:
    try:
        return YAML(typ="safe").load(text)
    except YAMLError as error:
        raise ConfigError(f"--{name}: {text!r} is no YAML.") from error


def _seed(hyperparameters: Hyperparameters) -> int:
    seed = hyperparameters.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError(f"{hyperparameters.file}: seed is {seed!r}; it has to be a whole number.")
    return seed
