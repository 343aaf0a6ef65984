"""How long a sweep will still take, as far as what has been measured tells it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from mtser.sweep.progress import FoldProgress, RunProgress
from mtser.sweep.run import Run


@dataclass(frozen=True)
class Estimate:
    """Of the whole sweep.

    Parameters
    ----------
    seconds
        Until it ends; None while nothing has been measured.
    n_measured, n_systems
        How many of the systems that are left to run were measured; the others are taken to be like the mean of these.
    at_most
        Whether no fold has ended yet, so that each is expected to have all epochs that it may have.
    """

    seconds: float | None
    n_measured: int
    n_systems: int
    at_most: bool = False

    def text(self) -> str:
        """The estimate in words; empty while nothing has been measured, and in the end."""
        if not self.seconds:
            return ""
        return f"{'at most' if self.at_most else 'about'} {duration(self.seconds)} left"

    def basis(self) -> str:
        """What the estimate rests on, as half a sentence."""
        if self.seconds is None:
            return "known after the first epoch"
        if self.at_most:
            return "no fold has ended yet; early stopping may end them sooner"
        if self.n_measured == self.n_systems:
            return "from the epochs so far"
        n_unknown = self.n_systems - self.n_measured
        which = "the last system" if self.n_systems == 1 else f"{n_unknown} of {self.n_systems} systems"
        return f"{which} not measured yet: taken as the others' mean"


@dataclass(frozen=True)
class Timed:
    """A run whose process was started or that was done before.

    Parameters
    ----------
    progress
        How far it is.
    wall
        Seconds of its process so far; None if there was none in this sweep.
    ended
        Whether it has ended.
    """

    progress: RunProgress
    wall: float | None
    ended: bool

    @property
    def besides(self) -> float:
        """Seconds that the process spent on something else than its epochs."""
        return max((self.wall or 0.0) - (self.progress.seconds - self.progress.seconds_before), 0.0)


class Pace:
    """What epochs and runs have taken so far.

    A run still takes its remaining epochs, at the pace of its system, and what a process needs besides epochs. A fold
    is expected to have as many epochs as the system's finished folds had, but not fewer than early stopping allows. A
    system that has not run yet is taken to be like the mean of those that have; one whose folds end without epochs
    (``classical``) says nothing of others.

    Parameters
    ----------
    runs
        All that have been started or were done before.
    """

    def __init__(self, runs: Iterable[Timed]) -> None:
        self._systems: dict[str, _Measured] = {}
        self._n_folds: dict[str, int] = {}  # of a protocol
        for one in runs:
            progress = one.progress
            if progress.folds:
                self._n_folds[progress.run.protocol] = len(progress.folds)
            measured = self._systems.setdefault(progress.run.like, _Measured())
            measured.epochs += progress.epochs
            measured.seconds += progress.seconds
            finished = [fold.epochs for fold in progress.folds if fold.finished]
            measured.folds += [n_epochs for n_epochs in finished if n_epochs]
            measured.n_folds_without_epochs += finished.count(0)
            if one.wall is None:
                continue
            if any(finished) or not finished:
                measured.besides += [one.besides] if one.ended else []
            elif n_new := len(finished) - progress.n_finished_before:  # without epochs: from the folds of this process
                whole = one.besides * len(progress.folds) / n_new
                (measured.besides if one.ended else measured.projected).append(whole)

    def estimate(self, running: Sequence[Timed], waiting: Sequence[Run], slots: int) -> Estimate:
        """The time until all runs have ended.

        Parameters
        ----------
        running
            The runs that are on.
        waiting
            The runs that are to come.
        slots
            How many run at once.
        """
        systems = {one.progress.run.like for one in running} | {run.like for run in waiting}
        n_measured = sum(self._systems.get(system, _Measured()).is_measured for system in systems)
        found = [self.left(one) for one in running] + [self.whole(run) for run in waiting]
        known = [seconds for seconds in found if seconds is not None]
        if not found:
            return Estimate(0.0, n_measured, len(systems))
        networks = systems - {system for system, one in self._systems.items() if one.is_without_epochs}
        measured = any(one.epochs for one in self._systems.values())
        if not known or (networks and not measured):
            return Estimate(None, n_measured, len(systems))
        every = [fmean(known) if seconds is None else seconds for seconds in found]
        at_most = bool(networks) and not any(one.folds for one in self._systems.values())
        return Estimate(max(sum(every) / slots, max(every)), n_measured, len(systems), at_most)

    def left(self, one: Timed) -> float | None:
        """Seconds that a run will still take; None while nothing is known."""
        run, folds = one.progress.run, one.progress.folds
        if not folds:
            whole = self.whole(run)
            return None if whole is None else max(whole - (one.wall or 0.0), 0.0)
        epochs = sum(self._expected(run, fold) - fold.epochs for fold in folds if not fold.finished)
        return self._seconds(run.like, epochs, one.besides)

    def whole(self, run: Run) -> float | None:
        """Seconds of a run that has not been started; None while nothing is known."""
        if run.folds is not None:
            n_folds: float = len(run.folds)
        elif self._n_folds:
            n_folds = self._n_folds.get(run.protocol, fmean(self._n_folds.values()))
        else:
            return None
        return self._seconds(run.like, n_folds * self._expected(run, FoldProgress("")), 0.0)

    def _seconds(self, system: str, epochs: float, besides: float) -> float | None:
        """Of so many epochs, and what a process needs besides them, of which so much is over."""
        own = self._systems.get(system, _Measured())
        if own.is_without_epochs:
            return None if own.mean_besides is None else max(own.mean_besides - besides, 0.0)
        pace = self._of(system, "pace")
        usual = self._of(system, "mean_besides")
        if pace is None and usual is None:
            return None
        return epochs * (pace or 0.0) + max((usual or 0.0) - besides, 0.0)

    def _expected(self, run: Run, fold: FoldProgress) -> float:
        """Epochs that a fold will have had in the end."""
        usual = self._of(run.like, "epochs_per_fold")
        soonest = fold.best_epoch + run.patience if fold.epochs else 0  # early stopping
        return max(min(max(run.limit if usual is None else usual, soonest), run.limit), fold.epochs)

    def _of(self, system: str, name: str) -> float | None:
        """A figure of a system, else the mean of all systems with epochs that have it."""
        own = getattr(self._systems.get(system, _Measured()), name)
        others = [one for one in self._systems.values() if one.epochs]
        known = [value for one in others if (value := getattr(one, name)) is not None]
        return own if own is not None else fmean(known) if known else None


@dataclass
class _Measured:
    """What is known about one system."""

    epochs: int = 0
    seconds: float = 0.0
    folds: list[int] = field(default_factory=list)  # epochs of each that is finished and had some
    n_folds_without_epochs: int = 0
    besides: list[float] = field(default_factory=list)  # seconds of each process besides its epochs
    projected: list[float] = field(default_factory=list)  # the same of runs without epochs that are on

    @property
    def pace(self) -> float | None:
        return self.seconds / self.epochs if self.epochs else None

    @property
    def epochs_per_fold(self) -> float | None:
        return fmean(self.folds) if self.folds else None

    @property
    def mean_besides(self) -> float | None:
        seconds = self.besides or self.projected
        return fmean(seconds) if seconds else None

    @property
    def is_without_epochs(self) -> bool:
        return bool(self.n_folds_without_epochs and not self.epochs)

    @property
    def is_measured(self) -> bool:
        return bool(self.epochs or self.besides or self.projected)


def duration(seconds: float) -> str:
    """A time span in a few characters.

    Example
    -------
    >>> [duration(seconds) for seconds in (8, 59.6, 4000, 90_000, 700_000)]
    ['8 s', '1 min', '1.1 h', '25 h', '8.1 d']
    """
    minutes, hours = seconds / 60, seconds / 3600
    if round(seconds) < 60:
        return f"{round(seconds)} s"
    if round(minutes) < 60:
        return f"{round(minutes)} min"
    if hours < 48:
        return f"{hours:.1f} h" if hours < 10 else f"{round(hours)} h"
    return f"{hours / 24:.1f} d"
