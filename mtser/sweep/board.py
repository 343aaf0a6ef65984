"""What is known about all runs of a sweep at a moment: what the screens show."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtser.sweep.outcome import Outcome
from mtser.sweep.plan import Plan
from mtser.sweep.progress import RunProgress
from mtser.sweep.run import Run
from mtser.sweep.time_left import Estimate, Pace, Timed


@dataclass(frozen=True)
class _Started:
    """A run whose process is on."""

    progress: RunProgress
    at: float  # of time.monotonic()


class Board:
    """The state of every run; the scheduler writes it, the screens read it.

    Parameters
    ----------
    plan
        What the sweep was asked for.

    Attributes
    ----------
    outcomes
        Of the runs that have ended, in the order in which they did.
    elsewhere
        Runs that another sweep is training.
    metrics
        Of the runs that are done.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.outcomes: dict[Run, Outcome] = {}
        self.elsewhere: set[Run] = set()
        self.metrics: dict[Run, dict[str, Any]] = {}
        self._running: dict[Run, _Started] = {}
        self._ended: list[Timed] = []

    def start(self, run: Run) -> None:
        """Its process was started."""
        self.elsewhere.discard(run)
        self._running[run] = _Started(RunProgress(run), time.monotonic())

    def end(self, run: Run, outcome: Outcome) -> None:
        """It has ended, or had been done before."""
        self.elsewhere.discard(run)
        started = self._running.pop(run, None)
        self.outcomes[run] = outcome
        if outcome.kind == "done":
            self.metrics[run] = _read_metrics(run.folder / "metrics.json")
            progress = started.progress if started else RunProgress(run)
            progress.update()
            wall = time.monotonic() - started.at if started else None
            self._ended.append(Timed(progress, wall, ended=True))

    def update(self) -> None:
        """Read how far the running runs are."""
        for started in self._running.values():
            started.progress.update()

    @property
    def running(self) -> list[Timed]:
        """The runs that are on, in the order in which they were started."""
        now = time.monotonic()
        return [Timed(one.progress, now - one.at, ended=False) for one in self._running.values()]

    @property
    def waiting(self) -> list[Run]:
        """The runs that are to come, those that another sweep trains included."""
        return [run for run in self.plan.runs if run not in self.outcomes and run not in self._running]

    def count(self, kind: str) -> int:
        """How many runs have ended so."""
        return sum(outcome.kind == kind for outcome in self.outcomes.values())

    def pace(self) -> Pace:
        """What runs have taken so far."""
        return Pace([*self._ended, *self.running])

    def estimate(self) -> Estimate:
        """The time until the sweep ends."""
        return self.pace().estimate(self.running, self.waiting, self.plan.jobs)

    def share(self) -> float:
        """How much of the sweep is over, from 0 to 1: all of what has ended, and a part of each run that is on."""
        pace = self.pace()
        parts = 0.0
        for one in self.running:
            left = pace.left(one)
            if left is not None and one.wall:
                parts += one.wall / (one.wall + left)
        return (len(self.outcomes) + parts) / len(self.plan.runs)


def figures(metrics: dict[str, Any]) -> dict[str, float]:
    """WA and UA of a run: on the test parts, or of one that never looks at them (``--dev_only``) on dev; else empty."""
    dev = metrics.get("dev", {})
    return metrics.get("pooled", {name: dev[f"dev_{name}"] for name in ("wa", "ua") if f"dev_{name}" in dev})


def _read_metrics(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # just deleted, or damaged: `mtser report` tells
        return {}
