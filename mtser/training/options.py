"""The command line of a recipe: its own options, SpeechBrain's run options, and overrides of the YAML."""

import argparse
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from speechbrain.utils.run_opts import HELP_TEXTS, RunOptions

from mtser.configuration import Hyperparameters
from mtser.corpora.joined.readers import name_of, options_of
from mtser.errors import ConfigError
from mtser.option_values import LARGEST_SEED, number_list, positive, seed_list
from mtser.training.option_help import argument_help

_OF_TRAINING = ("system", "seed", "n_classes", "number_of_epochs", "batch_size", "max_words")
"""Values of every YAML, which are options, too: of a reader's argument of this name they would not be told apart."""
RESULT_OPTIONS = (
    "precision",
    "eval_precision",
    "max_grad_norm",
    "grad_accumulation_factor",
    "skip_nonfinite_grads",
    "nonfinite_patience",
    "remove_vector_weight_decay",
)
"""SpeechBrain's run options that change results: a run folder keeps them."""
# The other run options are not offered: their work is done otherwise here (checkpoints, progress bars, logs), or they
# would leave a part of a run that looks like a whole one (debug, test_only, optimizer_step_limit).
_RUN_OPTIONS = ("device", "distributed_backend", "find_unused_parameters", *RESULT_OPTIONS)
_CHOICES = {
    "precision": ("fp32", "fp16", "bf16"),
    "eval_precision": ("fp32", "fp16", "bf16"),
    "distributed_backend": ("nccl", "gloo", "mpi"),
}


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
    dev_only: bool = False
    fold_settings: Path | None = None
    inner: int | None = None
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
    overrides = read_overrides(rest)
    given = {name: getattr(known, name) for name in options_of(reader)}
    reader_options = {name: yaml_value(name, text) for name, text in given.items() if text is not None}
    file = Path(known.hparams)
    if not file.is_file() and arguments[0].startswith("-"):
        raise ConfigError(f"{file}: there is no such file; the YAML file of the system comes before the options.")
    others = [name for name in vars(known) if name != "hparams"]
    hyperparameters = Hyperparameters(file, overrides, others, known.settings)
    if "n_classes" in overrides:
        raise ConfigError(
            "--n_classes: how many there are, the corpus says; other classes are chosen by the options of its reader "
            "(--help)."
        )
    if known.seeds and "seed" in overrides:
        raise ConfigError("--seed and --seeds are both given; give one of them.")
    run_opts = {name: value for name in _RUN_OPTIONS if (value := getattr(known, name)) is not None}
    return Options(
        hyperparameters=hyperparameters,
        data_folder=getattr(known, "data_folder", None),
        corpus_name=known.corpus_name,
        protocol=known.protocol,
        folds=known.folds,
        folds_file=known.folds_file,
        seeds=known.seeds or (_seed(hyperparameters),),
        output_folder=known.output_folder,
        run_name=known.run_name,
        cache_folder=known.cache_folder,
        jobs=known.jobs,
        dev_only=known.dev_only,
        fold_settings=known.fold_settings,
        inner=known.inner,
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
    if reads_folder(reader):
        add("--data_folder", type=Path, help="the corpus; without it, a recipe with a mini corpus makes that")
    add("--corpus_name", help="the corpus's name in the results (default: the data folder's)")
    add("--protocol", help="how the corpus is divided (default: the reader's, else loso, or lospo without sessions)")
    add("--folds", type=number_list, help="only these folds, for example 1,3")
    add("--folds_file", type=Path, help="your own folds, as a JSON file like the folds.json of a run")
    add("--seeds", type=seed_list, help="several seeds one after the other, for example 1,2,3 (one seed: --seed)")
    add("--output_folder", type=Path, default=Path("results"), help="where the run folders lie (default: results)")
    add("--run_name", help="sets runs of one system apart (default: the system's name)")
    add("--cache_folder", type=Path, help="where features and the mini corpus are kept (default: ~/.cache/mtser)")
    add("--dev_only", action="store_true", help="train and tell what is reached on dev; never look at a test part")
    add("--inner", type=positive, help="with --dev_only: divide anew what this fold trains and selects by")
    add("--settings", type=Path, help="values of the YAML from a file, for example hparams/settings/tuned.yaml")
    add("--fold_settings", type=Path, help="values of the YAML for each fold by itself: a JSON file of mtser tune")
    add("--jobs", type=positive, help="threads for feature extraction (default: one a core)")
    group = parser.add_argument_group("the corpus reader")
    described = argument_help(reader)
    for name, parameter in options_of(reader).items():
        if name in _OF_TRAINING:
            raise ConfigError(
                f"{name_of(reader)}'s argument {name!r} has the name of a value of the YAML, so --{name} would never "
                "reach the training; give the argument another name."
            )
        default = parameter.default
        required = default is inspect.Parameter.empty
        told = f"{described.get(name, '')} ({'has to be given' if required else f'default: {default}'})".strip()
        try:
            group.add_argument(f"--{name}", metavar="YAML", required=required, help=told.replace("%", "%%"))
        except argparse.ArgumentError as error:
            raise ConfigError(f"{name_of(reader)}'s argument {name!r} has the name of another option.") from error
    group = parser.add_argument_group("SpeechBrain's run options")
    for name in _RUN_OPTIONS:
        default, text = getattr(RunOptions(), name), HELP_TEXTS[name]
        if default is False:
            group.add_argument(f"--{name}", action="store_true", default=None, help=text)
        else:
            kind: Any = positive if name == "grad_accumulation_factor" else str if default is None else type(default)
            group.add_argument(f"--{name}", type=kind, choices=_CHOICES.get(name), help=text)
    return parser


def reads_folder(reader: Callable[..., Any]) -> bool:
    """Whether a reader is given a folder; one that joins corpora finds them in its keyword arguments."""
    kinds = {one.kind for one in inspect.signature(reader).parameters.values()}
    return bool(kinds & {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD})


def read_overrides(rest: list[str]) -> dict[str, str]:
    """The words ``--name value`` and ``--name=value`` of a command line: name → value.

    Raises
    ------
    ConfigError
        If a word belongs to no option, or an option has no value.
    """
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


def _refuse_repeated(arguments: list[str]) -> None:
    names = [argument.partition("=")[0] for argument in arguments if argument.startswith("--")]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{name} is given twice.")


def yaml_value(name: str, text: str) -> Any:
    """The value of an option of a corpus reader.

    Raises
    ------
    ConfigError
        If it is no YAML.
    """
    try:
        return YAML(typ="safe").load(text)
    except YAMLError as error:
        raise ConfigError(f"--{name}: {text!r} is no YAML.") from error


def _seed(hyperparameters: Hyperparameters) -> int:
    seed = hyperparameters.whole_number("seed", least=0)
    if seed > LARGEST_SEED:
        raise ConfigError(f"{hyperparameters.file}: seed is {seed}; the largest is {LARGEST_SEED}.")
    return seed
