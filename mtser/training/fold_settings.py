"""Settings of each fold by itself: what a nested search has chosen without the fold's test part."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtser.configuration import Hyperparameters, as_text
from mtser.errors import ConfigError, MtserError
from mtser.files import write_text
from mtser.training.dialogs import check_turns, turns_before
from mtser.training.folds import Fold, Folds

FILE = "hyperparams.yaml"
"""The YAML of a fold that has settings of its own, in the fold's folder."""
ONE_FOR_ALL = {
    "max_words": "the corpus is cut to it once (--max_words)",
    "n_classes": "the corpus says how many there are",
    "seed": "it is that of the run (--seed or --seeds)",
    "system": "it names the run (--run_name)",
}
"""Names of the YAML that no fold has for itself, and why."""


@dataclass(frozen=True)
class FoldSettings:
    """Values of the YAML for single folds.

    Parameters
    ----------
    folds
        Fold name → dotted name → value as YAML text. Empty: all folds are as the YAML says.
    note
        A sentence on where they come from, for the report.
    source
        The file, for messages.

    Example
    -------
    >>> FoldSettings({"session_1": {"training.optimizer.lr": "0.0005"}}, "Chosen by hand.").notes()
    ['Chosen by hand.', 'Settings of the fold session_1: training.optimizer.lr 0.0005.']
    """

    folds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""
    source: Path = Path()

    def check(self, folds: Folds, hyperparameters: Hyperparameters, objects: Mapping[str, Any]) -> None:
        """Refuse settings that cannot be, before the first fold is trained.

        Parameters
        ----------
        folds
            Of the protocol.
        hyperparameters, objects
            The YAML of the run, and what is built of it: the corpus is read once, for all folds.

        Raises
        ------
        ConfigError
            If the names of the folds are not those of the protocol, or a setting cannot be used.
        """
        if self.folds and set(self.folds) != set(folds.names()):
            raise ConfigError(
                f"{self.source}: has settings for {', '.join(self.folds)}, but the folds of {folds.protocol} are "
                f"{', '.join(folds.names())}."
            )
        turns = turns_before(objects)
        for name, settings in self.folds.items():
            if own := [key for key in settings if key in ONE_FOR_ALL]:
                raise ConfigError(
                    f"{self.source}: the fold {name} has {own[0]}, which is one for all folds: {ONE_FOR_ALL[own[0]]}; "
                    "leave it away there."
                )
            try:
                check_turns(hyperparameters.overridden(settings).build(), turns)
            except MtserError as error:
                raise ConfigError(f"{self.source}: the settings of the fold {name} cannot be used: {error}") from error

    def of(self, fold: Fold, hyperparameters: Hyperparameters) -> Hyperparameters:
        """The YAML of one fold."""
        settings = self.folds.get(fold.name)
        return hyperparameters.overridden(settings) if settings else hyperparameters

    def keep(self, hyperparameters: Hyperparameters, folder: Path) -> None:
        """Write the YAML of one fold into its folder, for whoever loads its model; or check that it is the same.

        The settings of :meth:`as_text` may be the same ones and yet mean something else: they name files of blocks.

        Raises
        ------
        ConfigError
            If the fold was begun with other settings; what differs is told.
        """
        if not self.folds:
            return
        file = folder / FILE
        if not file.is_file():
            write_text(file, hyperparameters.resolved())
            return
        before, now = Hyperparameters(file).flat(), hyperparameters.flat()
        if differ := [name for name in {**before, **now} if before.get(name) != now.get(name)]:
            shown = ", ".join(f"{name} was {before.get(name)}, is {now.get(name)}" for name in differ[:3])
            raise ConfigError(
                f"{file}: the fold was begun with other settings ({shown}). Keep both with --run_name NAME, or delete "
                f"{folder}."
            )

    def notes(self) -> list[str]:
        """Sentences for the report."""
        told = [
            f"Settings of the fold {name}: {', '.join(f'{key} {value}' for key, value in settings.items())}."
            for name, settings in self.folds.items()
        ]
        return [self.note, *told] if self.note and told else told

    def as_text(self) -> str:
        """One text that is equal for equal settings."""
        return json.dumps(self.folds, sort_keys=True)


def read_fold_settings(file: Path | None) -> FoldSettings:
    """Read the JSON file that ``mtser tune --nested`` writes: ``{"note": ..., "folds": {fold: {name: value}}}``.

    Raises
    ------
    ConfigError
        If there is no such file, or it holds something else.
    """
    if file is None:
        return FoldSettings()
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        folds = {
            str(name): {str(key): as_text(value) for key, value in one.items()} for name, one in told["folds"].items()
        }
        return FoldSettings(folds, str(told.get("note", "")), file)
    except OSError as error:
        raise ConfigError(f"--fold_settings {file}: cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"--fold_settings {file}: is no file of settings for folds ({error}).") from error
