"""Trials in processes of their own, as a sweep's runs; what they reach on dev goes to Optuna after every epoch."""

import shutil
import time
from collections.abc import Sequence

from mtser.sweep.child import Child
from mtser.sweep.outcome import Outcome, outcome_of
from mtser.sweep.plan import Plan
from mtser.sweep.progress import RunProgress
from mtser.sweep.run import Run
from mtser.sweep.scheduler import Scheduler, Screen
from mtser.tuning.optional import Trial
from mtser.tuning.study import StoredStudy
from mtser.tuning.trials import TrialRun, data_of, reached, reports, tidy, with_settings

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
        self._reported: dict[Run, dict[int, float]] = {}
        self._begun: dict[Run, float] = {}
        self._looked: dict[Run, float] = {}
        self._pruned: set[Run] = set()
        self._left_over = stored.left_over()
        self._states = {trial.number: trial for trial in stored.trials()}
        limits = [run.limit for run in plan.runs]
        self._limit = max([*limits, stored.space.greatest("number_of_epochs")])  # equal steps mean the same
        self.not_applicable = ""  # the corpus cannot feed the system, or not be divided: why
        self.changed = ""  # what is not as it was for the trials before

    def _ended_before(self, run: Run) -> Outcome | None:
        assert isinstance(run, TrialRun)
        trial = self._states.get(run.number)
        if trial is None or not trial.state.is_finished():
            return None
        kinds = {"COMPLETE": "done", "PRUNED": "pruned"}
        reason = str(trial.user_attrs.get("reason", "it was ended before it had settings."))
        kind = kinds.get(trial.state.name, "failed")
        return Outcome(kind, reason if kind == "failed" else "", skipped=True)  # type: ignore[arg-type]

    def _made(self, run: Run) -> Run | Outcome:
        assert isinstance(run, TrialRun)
        waiting = self._left_over.pop(run.number) if run.number in self._left_over else None
        trial, settings = waiting or self._stored.ask()
        assert trial.number == run.number, "trials are started in the order of their numbers"
        if waiting is None and (twin := self._stored.twin(settings)) is not None:
            outcome = Outcome("done" if twin.state.name == "COMPLETE" else "pruned", skipped=True)
            self._stored.tell(trial, outcome.kind, twin.value, 0.0, f"the settings are those of trial {twin.number}.")
            return outcome
        made = with_settings(run, settings)
        self._trials[made] = trial, settings
        self._begun[made] = time.monotonic()
        self._reported[made] = self._stored.reported(run.number)
        return made

    def _watch(self, run: Run, child: Child) -> None:
        now = time.monotonic()
        if now - self._looked.get(run, 0.0) >= _EVERY:
            self._looked[run] = now
            if self._stored.changed(data_of(run)):
                child.kill()
            elif self._report(run):
                self._pruned.add(run)
                child.kill()

    def _report(self, run: Run) -> bool:
        """Tell Optuna of every new epoch; whether the trial is to be pruned."""
        progress = self._progress.setdefault(run, RunProgress(run))
        progress.update()
        trial = self._trials[run][0]
        told = self._reported[run]
        for step, value in reports(progress, self._limit):
            if step > max(told, default=0):
                told[step] = value
                trial.report(value, step)
                if self._stored.falls_behind(told, self._limit):
                    return True
        return False

    def _refused_alike(self) -> bool:
        """Whether no other trial can do better than those that were refused."""
        return bool(self.not_applicable or self.changed) or super()._refused_alike()

    def _stand_for_all(self, runs: Sequence[Run]) -> bool:
        """Whether there are two of them: trials are one system with other values."""
        return len(runs) > 1

    def _outcome(self, run: Run, code: int) -> Outcome:
        if changed := self._stored.changed(data_of(run)):
            self.changed = changed
            shutil.rmtree(run.folder, ignore_errors=True)  # with what was before put back, the trial begins anew
            return Outcome("failed", f"the {changed} changed.")
        outcome = outcome_of(run, code)
        # Also if it came to its end before it was looked at: the search does not depend on when that is.
        if run in self._pruned or (outcome.kind == "done" and self._report(run)):
            outcome = Outcome("pruned", "others were better by then.")
        if self._stopped and outcome.kind == "failed":  # Ctrl-C: it goes on with the next command
            return outcome
        if outcome.kind == "not applicable":  # so would be every other trial
            self.not_applicable = outcome.reason
            return outcome
        if outcome.kind == "failed":
            self._report(run)
        value = reached(run) if outcome.kind == "done" else None
        if outcome.kind == "done" and value is None:
            outcome = Outcome("failed", f"it ended without a figure on dev in {run.folder}.")
        seconds = time.monotonic() - self._begun[run]
        self._stored.tell(self._trials[run][0], outcome.kind, value, seconds, outcome.reason)
        if outcome.kind in ("done", "pruned"):
            self._stored.keep_data(data_of(run))
            tidy(run)
        return outcome
