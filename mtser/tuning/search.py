"""What is searched: a command line, checked."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from mtser.configuration import Hyperparameters
from mtser.errors import ConfigError
from mtser.sweep.passed_on import read_options
from mtser.sweep.plan import Plan, make_plan
from mtser.sweep.run import Run
from mtser.sweep.scheduler import Screen
from mtser.tuning.combinations import combinations
from mtser.tuning.space import Space, read_space

_NOT_HERE = {
    "dev_only": "trials never look at a test part",
    "inner": "give --nested",
    "fold_settings": "give --nested",
}


@dataclass(frozen=True)
class Search:
    """What is searched, by which trials, and where it is kept.

    Parameters
    ----------
    system
        The YAML with the values of the command line.
    space
        The names that are searched.
    plan
        Of the one run that the YAML as it is would be.
    n_trials, seed, pruning
        Of the study.
    folder
        The study folder.
    screen
        Makes what shows the trials.
    inner
        The fold in whose training and dev part is searched; None for all folds of the protocol.
    data
        What the trials are to be trained on, as far as the searches for other folds tell it.
    """

    system: Hyperparameters
    space: Space
    plan: Plan
    n_trials: int
    seed: int
    pruning: str
    folder: Path
    screen: Callable[[], Screen]
    inner: int | None = None
    data: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, options: argparse.Namespace, screen: Callable[[], Screen]) -> "Search":
        """Check a command line.

        Raises
        ------
        ConfigError
            If something of it cannot be: no trial is started then.
        """
        passed_on = read_options(options.passed_on)
        if options.run_name is not None and not options.nested:
            raise ConfigError("--run_name names the run of --nested; a search is named by --study_folder.")
        for name in passed_on:
            if name in _NOT_HERE:
                raise ConfigError(f"--{name} is no option of mtser tune: {_NOT_HERE[name]}.")
        if options.nested and "folds" in passed_on:
            raise ConfigError("--folds leaves out folds, but --nested tunes and tests each; leave it away.")
        asked = argparse.Namespace(**vars(options))
        asked.hparams, asked.protocol = [options.hparams], (options.protocol,)
        asked.seeds = options.seeds[:1]
        plan = make_plan(asked)
        space = read_space(options.space)
        for parameter in space.parameters:
            if parameter.name in passed_on:
                raise ConfigError(f"--{parameter.name} is given, but {space.file} searches it, too; leave one away.")
        (system,) = plan.systems
        space.check(system, nested=options.nested)
        base = plan.runs[0]
        nested = "_nested" if options.nested else ""
        default = Path("tuning", base.system, base.corpus, base.protocol + nested)
        return cls(
            system, space, plan, options.trials, options.search_seed, options.pruning,
            options.study_folder or default, screen,
        )  # fmt: skip

    @property
    def base(self) -> Run:
        """The run that the YAML as it is would be."""
        return self.plan.runs[0]

    def inside(self, folder: Path, number: int, data: Mapping[str, str]) -> "Search":
        """The search for one fold of the protocol, in what it trains and selects by."""
        return replace(self, folder=folder, inner=number, data=data)

    @cached_property
    def all_settings(self) -> list[dict[str, Any]] | None:
        """Every setting of the space, where there are no more than trials; see :func:`.combinations`."""
        return combinations(self.space, most=self.n_trials)

    @property
    def more(self) -> tuple[str, ...]:
        """Words for the command line of each trial."""
        return ("--dev_only",) if self.inner is None else ("--dev_only", "--inner", str(self.inner))
