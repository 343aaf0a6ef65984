"""Trials as runs: what is trained, where it lies, and what it reached on dev."""

import dataclasses
import json
import math
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from mtser.sweep.progress import RunProgress
from mtser.sweep.run import Run


@dataclasses.dataclass(frozen=True, eq=False)
class TrialRun(Run):
    """One trial of a study; equal to another if its folder is, so that its command may be told later.

    Parameters
    ----------
    base
        The name of the system that is tuned: all its trials are expected to take equally long.
    number
        Of the trial, as Optuna counts them.
    """

    base: str = ""
    number: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def __str__(self) -> str:
        return self.system.replace("_", " ")

    @property
    def like(self) -> str:
        """The system that is tuned."""
        return self.base


def trial_run(base: Run, number: int, folder: Path, more: tuple[str, ...]) -> TrialRun:
    """A trial before its settings are known.

    Parameters
    ----------
    base
        The run of the system as its YAML has it.
    number
        Of the trial.
    folder
        In which the run folders of all trials lie.
    more
        Words for the command line beside those of ``base`` (``--dev_only``, ``--inner 2``).
    """
    words = list(base.command)
    words[words.index("--output_folder") + 1] = str(folder)
    name = f"trial_{number:04d}"
    return TrialRun(
        system=name,
        corpus=base.corpus,
        protocol=base.protocol,
        seed=base.seed,
        output_folder=folder,
        command=(*words, "--run_name", name, *more),
        settings=base.settings,
        extractors=base.extractors,
        folds=base.folds,
        base=base.system,
        number=number,
    )


def with_settings(run: TrialRun, chosen: Mapping[str, str]) -> TrialRun:
    """The same with what Optuna has chosen."""
    words = [word for name, value in chosen.items() for word in (f"--{name}", value)]
    known = {name: int(value) for name, value in chosen.items() if name in ("number_of_epochs", "training.patience")}
    return dataclasses.replace(run, command=(*run.command, *words), settings={**run.settings, **known})


def reached(run: Run) -> float | None:
    """The mean over folds of what the chosen epochs reached on dev; None if there is no result."""
    try:
        metrics = json.loads((run.folder / "metrics.json").read_text(encoding="utf-8"))
        value = float(metrics["dev"][metrics["measure"]])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return value if metrics.get("part") == "dev" and math.isfinite(value) else None


def reports(progress: RunProgress, limit: int) -> Iterator[tuple[int, float]]:
    """What a trial has reached after every epoch: step and value.

    The value is the mean over the folds so far of the best epoch so far. Steps of a fold begin where those of the fold
    before would have ended without early stopping, so that equal steps of two trials mean the same.
    """
    bests: list[float] = []
    for number, fold in enumerate(progress.folds):
        best = -math.inf
        for epoch, score in enumerate(fold.scores, 1):
            best = max(best, score)
            yield number * limit + epoch, (sum(bests) + best) / (number + 1)
        if not fold.finished:
            return
        bests.append(best)


def data_of(run: Run) -> dict[str, str]:
    """What tells corpora and divisions apart: hashes, as training writes them; empty until it has.

    ``corpus`` is of the manifest as it was read; ``used`` and ``folds`` also depend on what a trial's features leave
    out.
    """
    try:
        told = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
        read = json.loads((run.folder / "corpus.json").read_text(encoding="utf-8"))
        return {"corpus": str(read["manifest"]), "used": str(told["manifest"]), "folds": str(told["folds"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def tidy(run: Run) -> None:
    """Delete the weights of a trial that has ended; logs and results stay."""
    for folder in run.folder.glob("folds/*/checkpoints"):
        shutil.rmtree(folder, ignore_errors=True)
