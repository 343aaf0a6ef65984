"""How far a run is, read from the files that training writes."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtser.sweep.run import Run


@dataclass(frozen=True)
class FoldProgress:
    """How far one fold is.

    Parameters
    ----------
    name
        Of the fold.
    epochs
        How many are done.
    best_epoch
        The one that is best on dev; 0 before the first.
    best_on_dev
        What it reached there (``Run.measure``).
    seconds
        What the epochs took.
    finished
        Whether the fold has its result.
    scores
        What each epoch reached on dev.
    """

    name: str
    epochs: int = 0
    best_epoch: int = 0
    best_on_dev: float = 0.0
    seconds: float = 0.0
    finished: bool = False
    scores: tuple[float, ...] = field(default=(), compare=False)


class RunProgress:
    """How far one run is.

    Parameters
    ----------
    run
        The run; its folder is read by :meth:`update`.

    Attributes
    ----------
    folds
        Those that the run has to do, in their order; empty until it has begun.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.folds: tuple[FoldProgress, ...] = ()
        self.update()
        self.epochs_before = self.epochs
        """Epochs that were done when this was made: those of an earlier, killed run."""
        self.seconds_before = self.seconds
        self.n_finished_before = self.n_finished

    def update(self) -> None:
        """Read what is new."""
        names = [fold.name for fold in self.folds] or self._names()
        known = {fold.name: fold for fold in self.folds if fold.finished}
        folder, measure = self.run.folder / "folds", self.run.measure
        self.folds = tuple(known.get(name) or _read_fold(folder / name, measure) for name in names)

    @property
    def epochs(self) -> int:
        """Of all folds together."""
        return sum(fold.epochs for fold in self.folds)

    @property
    def seconds(self) -> float:
        """What these epochs took."""
        return sum(fold.seconds for fold in self.folds)

    @property
    def n_finished(self) -> int:
        """How many folds are done."""
        return sum(fold.finished for fold in self.folds)

    @property
    def current(self) -> tuple[int, FoldProgress] | None:
        """The fold that is being trained, with its number among those of the run (from 1); None if there is none."""
        return next(((number, fold) for number, fold in enumerate(self.folds, 1) if not fold.finished), None)

    def _names(self) -> list[str]:
        if not self.run.begun:
            return []
        try:
            folds = json.loads((self.run.folder / "folds.json").read_text(encoding="utf-8"))["folds"]
            names = [fold["name"] for fold in folds]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        if self.run.folds is None:
            return names
        return [names[number - 1] for number in self.run.folds if 1 <= number <= len(names)]


def _read_fold(folder: Path, measure: str) -> FoldProgress:
    try:
        with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
            rows: list[dict[str, Any]] = list(csv.DictReader(file))
        scores = [float(row[measure]) for row in rows]
        seconds = sum(float(row["seconds"]) for row in rows)
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or without epochs
        scores, seconds = [], 0.0
    best = max(scores, default=0.0)
    return FoldProgress(
        name=folder.name,
        epochs=len(scores),
        best_epoch=scores.index(best) + 1 if scores else 0,
        best_on_dev=best,
        seconds=seconds,
        finished=(folder / "result.json").is_file(),
        scores=tuple(scores),
    )
