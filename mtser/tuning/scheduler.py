"""Trials in processes of their own, as a sweep's runs; what they reach on dev goes to Optuna after every epoch."""

import time

from mtser.sweep.child import Child
from mtser.sweep.outcome import Outcome, outcome_of
from mtser.sweep.plan import Plan
from mtser.sweep.progress import RunProgress
from mtser.sweep.run import Run
from mtser.sweep.scheduler import Scheduler, Screen
from mtser.tuning.optional import Trial
from mtser.tuning.study import StoredStudy
from mtser.tuning.trials import TrialRun, reached, reports, tidy, with_settings

_EVERY = 1.0  # seconds between two looks into a trial's log


class TrialScheduler(Scheduler):
    """A sweep whose runs get their settings from Optuna when they are started, and may be ended before they are done.

    Parameters
    ----------
    plan
        Its runs are trials 0, 1, ...
    screen
        What is told of everything that happens.
    stored
        The study.
    """

    def __init__(self, plan: Plan, screen: Screen, stored: StoredStudy) -> None:
        super().__init__(plan, screen)
        self._stored = stored
        self._trials: dict[Run, tuple[Trial, dict[str, str]]] = {}
        self._progress: dict[Run, RunProgress] = {}
        self._reported: dict[Run, int] = {}
        self._begun: dict[Run, float] = {}
        self._looked: dict[Run, float] = {}
        self._pruned: set[Run] = set()
        self._left_over = stored.left_over()
        self._states = {trial.number: trial for trial in stored.trials()}

    def _ended_before(self, run: Run) -> Outcome | None:
        assert isinstance(run, TrialRun)
        trial = self._states.get(run.number)
        if trial is None or not trial.state.is_finished():
            return None
        kinds = {"COMPLETE": "done", "PRUNED": "pruned"}
        reason = str(trial.user_attrs.get("reason", "it was ended before it had settings."))
        kind = kinds.get(trial.state.name, "failed")
        return Outcome(kind, reason if kind == "failed" else "", skipped=True)  # type: ignore[arg-type]

    def _made(self, run: Run) -> Run:
        assert isinstance(run, TrialRun)
        waiting = self._left_over.pop(run.number) if run.number in self._left_over else None
        trial, settings = waiting or self._stored.ask()
        assert trial.number == run.number, "trials are started in the order of their numbers"
        made = with_settings(run, settings)
        self._trials[made] = trial, settings
        self._begun[made] = time.monotonic()
        self._reported[made] = 0
        return made

    def _watch(self, run: Run, child: Child) -> None:
        now = time.monotonic()
        if now - self._looked.get(run, 0.0) >= _EVERY:
            self._looked[run] = now
            if self._report(run):
                self._pruned.add(run)
                child.kill()

    def _report(self, run: Run) -> bool:
        """Tell Optuna of every new epoch; whether the trial is to be pruned."""
        progress = self._progress.setdefault(run, RunProgress(run))
        progress.update()
        trial = self._trials[run][0]
        for step, value in reports(progress, run.limit):
            if step > self._reported[run]:
                self._reported[run] = step
                trial.report(value, step)
                if trial.should_prune():
                    return True
        return False

    def _outcome(self, run: Run, code: int) -> Outcome:
        pruned = run in self._pruned
        outcome = Outcome("pruned", "others were better by then.") if pruned else outcome_of(run, code)
        if self._stopped and outcome.kind == "failed":  # Ctrl-C: it goes on with the next command
            return outcome
        self._report(run)
        value = reached(run) if outcome.kind == "done" else None
        if outcome.kind == "done" and value is None:
            outcome = Outcome("failed", f"it ended without a figure on dev in {run.folder}.")
        seconds = time.monotonic() - self._begun[run]
        self._stored.tell(self._trials[run][0], outcome.kind, value, seconds, outcome.reason)
        if outcome.kind in ("done", "pruned"):
            tidy(run)
        return outcome
