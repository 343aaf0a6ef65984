"""Settings of each fold by itself: what a nested search has chosen without the fold's test part."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mtser.configuration import Hyperparameters
from mtser.errors import ConfigError, MtserError
from mtser.training.folds import Fold, Folds


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

    def check(self, folds: Folds, hyperparameters: Hyperparameters) -> None:
        """Refuse settings that cannot be, before the first fold is trained.

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
        for name, settings in self.folds.items():
            try:
                hyperparameters.overridden(settings).build()
            except MtserError as error:
                raise ConfigError(f"{self.source}: the settings of the fold {name} cannot be used: {error}") from error

    def of(self, fold: Fold, hyperparameters: Hyperparameters) -> Hyperparameters:
        """The YAML of one fold."""
        settings = self.folds.get(fold.name)
        return hyperparameters.overridden(settings) if settings else hyperparameters

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
        folds = {str(name): {str(key): str(value) for key, value in one.items()} for name, one in told["folds"].items()}
        return FoldSettings(folds, str(told.get("note", "")), file)
    except OSError as error:
        raise ConfigError(f"--fold_settings {file}: cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"--fold_settings {file}: is no file of settings for folds ({error}).") from error
