"""From the command line of a sweep to its runs, in the order in which they are started."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mtser.checks import check_whole_number
from mtser.configuration import Hyperparameters
from mtser.corpora.corpus import folder_name
from mtser.errors import ConfigError
from mtser.option_values import number_list
from mtser.protocol_names import folder_of
from mtser.sweep.joined import joined_corpora
from mtser.sweep.passed_on import read_options, read_systems
from mtser.sweep.recipes import check_protocols, find_recipe, options_of
from mtser.sweep.run import Run

_NO_NUMBER_OF_CLASSES, _NO_SEED = 86_028_121, 179_424_673  # that nobody has


@dataclass(frozen=True)
class Plan:
    """All that a sweep is asked for.

    Parameters
    ----------
    runs
        In the order in which they are started: protocol by protocol, system by system, the seeds together, so that
        the first protocol's table is there early.
    recipe
        The ``train.py``.
    corpora
        Folders, or tables that list one; none for the recipe's own (the mini corpus).
    jobs
        How many runs at once.
    threads
        Of each.
    title
        The command, for the screen.
    systems
        Each YAML with the values of the command line.
    """

    runs: tuple[Run, ...]
    recipe: Path
    corpora: tuple[Path, ...]
    jobs: int
    threads: int
    title: str = "mtser sweep"
    systems: tuple[Hyperparameters, ...] = ()

    @property
    def corpus(self) -> str:
        """As in the run folders."""
        return self.runs[0].corpus

    @property
    def output_folder(self) -> Path:
        """In which the run folders lie."""
        return self.runs[0].output_folder


def make_plan(options: argparse.Namespace) -> Plan:
    """Check a command line, and make its runs.

    Parameters
    ----------
    options
        Of :func:`mtser.sweep.command.configure`.

    Raises
    ------
    ConfigError
        If something of it cannot be: no run is started then.
    """
    files: list[Path] = options.hparams
    for file in files:
        if file.is_dir():
            raise ConfigError(f"{file} is a folder; give the YAML files of the systems, such as {file / '*.yaml'}.")
        if not file.is_file():
            raise ConfigError(f"{file}: there is no such file; the YAML files of the systems come before the options.")
    recipe: Path = options.recipe or find_recipe(options.corpus, files)
    if not recipe.is_file():
        raise ConfigError(f"--recipe {recipe}: there is no such file.")
    passed_on = read_options(options.passed_on)
    corpus, corpora = joined_corpora(passed_on) or _corpus(passed_on)
    systems = read_systems(files, passed_on, partial(options_of, recipe))
    names = _system_names(files, systems, passed_on)
    protocols = _folder_names(options.protocol)
    check_protocols(recipe, options.protocol)
    each_settings = [_settings(system) for system in systems]
    each_open = [_left_open(system, settings) for system, settings in zip(systems, each_settings, strict=True)]
    runs = []
    for protocol in options.protocol:
        for file, settings, left_open, name in zip(files, each_settings, each_open, names, strict=True):
            for seed in options.seeds:
                command = [sys.executable, str(recipe), str(file), "--protocol", protocol, "--seed", str(seed)]
                command += ["--output_folder", str(options.output_folder), *options.passed_on]
                run = Run(
                    system=name,
                    corpus=passed_on.get("corpus_name") or corpus,
                    protocol=protocols[protocol],
                    seed=seed,
                    output_folder=options.output_folder,
                    command=tuple(command),
                    settings={**settings, "seed": seed},
                    extractors=_extractors(settings),
                    folds=_folds(passed_on),
                    left_open=left_open,
                )
                runs.append(run)
    return Plan(tuple(runs), recipe, corpora, options.jobs, options.threads, systems=tuple(systems))


def _settings(system: Hyperparameters) -> dict[str, Any]:
    """The resolved YAML; the numbers that a sweep itself looks at are checked."""
    system.whole_number("number_of_epochs", 1)
    settings = system.flat()
    check_whole_number(f"{system.file}: training.patience", settings.get("training.patience", 0), 0)
    return settings


def _left_open(system: Hyperparameters, settings: Mapping[str, Any]) -> frozenset[str]:
    """The names whose values follow from the number of classes and the seed: those that others of these change."""
    other = system.override(n_classes=_NO_NUMBER_OF_CLASSES, seed=_NO_SEED).flat()
    return frozenset(name for name in {**settings, **other} if settings.get(name) != other.get(name))


def _corpus(passed_on: Mapping[str, str | None]) -> tuple[str, tuple[Path, ...]]:
    """What the corpus is called in the results, and where it lies."""
    if "data_folder" not in passed_on:
        return "mini", ()
    folder = Path(passed_on["data_folder"] or "")
    if not passed_on["data_folder"] or not folder.exists():
        raise ConfigError(f"--data_folder {folder}: there is no such folder, nor such a table.")
    return folder_name(folder), (folder,)


def _system_names(
    files: Sequence[Path], systems: Sequence[Hyperparameters], passed_on: Mapping[str, str | None]
) -> list[str]:
    """What the run folders are called after; no two may share one."""
    names = [
        passed_on.get("run_name") or str(one.get("system", file.stem)) for file, one in zip(files, systems, strict=True)
    ]
    for place, name in enumerate(names):
        if name in names[:place]:
            first = files[names.index(name)]
            why = "--run_name names both" if passed_on.get("run_name") else "both say `system: " + name + "`"
            raise ConfigError(f"{files[place]} and {first}: {why}, so their results would lie in one folder.")
    return names


def _folder_names(protocols: Sequence[str]) -> dict[str, str]:
    """Protocol → its folder."""
    folders = {name: folder_of(name) for name in protocols}
    if len(set(folders.values())) < len(protocols):
        raise ConfigError(f"--protocol {','.join(protocols)}: two of them would have the same folder.")
    return folders


def _folds(passed_on: Mapping[str, str | None]) -> tuple[int, ...] | None:
    if (text := passed_on.get("folds")) is None:
        return None
    try:
        return tuple(sorted(number_list(text)))
    except argparse.ArgumentTypeError as error:
        raise ConfigError(f"--folds: {error}.") from error


def _extractors(settings: Mapping[str, Any]) -> frozenset[str]:
    """Each ``extractor`` of a YAML with its settings, as a text that is equal for equal ones."""
    blocks: dict[str, dict[str, Any]] = {}
    for name, value in settings.items():
        parts = name.removesuffix("!").split(".")
        if "extractor" in parts:
            end = parts.index("extractor") + 1
            blocks.setdefault(".".join(parts[:end]), {})[name.split(".", end - 1)[-1]] = value
    return frozenset(json.dumps(block, sort_keys=True, default=str) for block in blocks.values())
