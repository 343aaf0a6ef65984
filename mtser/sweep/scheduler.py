"""Which run is started when: as many at once as there are slots, features made once, nothing done twice."""

import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from mtser.sweep.board import Board
from mtser.sweep.child import Child, stop
from mtser.sweep.lock import RunLock
from mtser.sweep.notes import Notes
from mtser.sweep.outcome import Outcome, outcome_of
from mtser.sweep.plan import Plan
from mtser.sweep.run import Run

_LOOK = 0.1  # seconds between two looks at the processes


class Screen(Protocol):
    """Shows a sweep."""

    def begin(self, board: Board) -> None:
        """All that was done before is on the board."""

    def started(self, run: Run) -> None:
        """A process was started."""

    def ended(self, run: Run, outcome: Outcome, board: Board) -> None:
        """A process has ended."""

    def update(self, board: Board) -> None:
        """Called many times a second; a screen decides how often it draws."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class Scheduler:
    """Runs a plan.

    The corpus is made and its audio inspected by the first run, while no other is on; and features are made by one run,
    until it trains, before others that need the same are started. So nothing is computed twice. (Two sweeps may compute
    the same twice; the store bears that.)

    Parameters
    ----------
    plan
        What to run.
    screen
        What is told of everything that happens.

    Attributes
    ----------
    board
        The state of every run.
    """

    def __init__(self, plan: Plan, screen: Screen) -> None:
        self.plan = plan
        self.board = Board(plan)
        self._screen = screen
        self._notes = Notes(plan.recipe, plan.corpora, plan.output_folder)
        self._children: dict[Run, Child] = {}
        self._prepared: set[str] = set()  # extractors whose features are made
        self._corpus_is_there = False
        self._stopped = False

    def run(self) -> Board:
        """Start all runs that are not done, and wait for them.

        Returns
        -------
        Board
            Every run with its outcome; without one are those that were not started because all would be refused.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C or SIGTERM, when all processes have stopped.
        """
        for run in self.plan.runs:
            if (outcome := self._ended_before(run)) is not None:
                self.board.end(run, outcome)
            if run.begun:
                self._note_preparation(run)
        with self._signals():
            try:
                self._screen.begin(self.board)
                self._work()
            finally:
                self._screen.close()
                stop(list(self._children.values()))
        if self._stopped:
            raise KeyboardInterrupt
        return self.board

    def _work(self) -> None:
        while not self._stopped:
            self._collect()
            if not self._refused_alike():
                self._start()
            if not self._children and (self._refused_alike() or not self.board.waiting):
                return
            self._screen.update(self.board)
            time.sleep(_LOOK)

    def _collect(self) -> None:
        """Look which processes have ended, and which have made their features."""
        for run, child in list(self._children.items()):
            code = child.code()
            if run.begun or code in (0, 3):
                self._note_preparation(run)
            if code is None:
                self._watch(run, child)
                continue
            del self._children[run]
            outcome = self._outcome(run, code)
            child.lock.release()
            self.board.end(run, outcome)
            self._screen.ended(run, outcome, self.board)

    def _start(self) -> None:
        """Start what may be started."""
        for run in self._in_turn():
            if len(self._children) >= self.plan.jobs:
                return
            if not self._may_start(run):
                continue
            lock = RunLock(run.lock)
            if lock.descriptor is None:
                self.board.elsewhere.add(run)
                continue
            made = self._ended_before(run) or self._made(run)  # the former if another sweep has done it
            if isinstance(made, Outcome):
                lock.release()
                self.board.end(run, made)
                self._screen.ended(run, made, self.board)
                continue
            run = made
            self._children[run] = Child(run, lock, self.plan.threads)
            self.board.start(run)
            self._screen.started(run)

    def _ended_before(self, run: Run) -> Outcome | None:
        """How the run has ended already; None if it has to be done."""
        return self._notes.ended(run)

    def _made(self, run: Run) -> Run | Outcome:
        """The run with all that is decided only when it is started; or how it ends, if that is known by then."""
        self._notes.begin(run)
        return run

    def _watch(self, run: Run, child: Child) -> None:
        """A look at a run that is on."""

    def _outcome(self, run: Run, code: int) -> Outcome:
        """How a run has ended; it is noted."""
        outcome = outcome_of(run, code)
        if outcome.kind in ("done", "not applicable") and (told := self._notes.trained_otherwise(run, outcome.kind)):
            outcome = Outcome("failed", told)
        self._notes.write(run, outcome)
        return outcome

    def _in_turn(self) -> list[Run]:
        """What waits, in order; but until a run has read the corpus, untried systems and protocols come first."""
        tried = self.board.outcomes if not self._corpus_is_there else {}
        systems, protocols = {run.system for run in tried}, {run.protocol for run in tried}
        return sorted(self.board.waiting, key=lambda run: run.system in systems and run.protocol in protocols)

    def _may_start(self, run: Run) -> bool:
        preparing = [other for other in self._children if not other.begun]
        if not self._corpus_is_there:
            return not preparing
        missing = run.extractors - self._prepared
        return not any(missing & other.extractors for other in preparing)

    def _note_preparation(self, run: Run) -> None:
        self._corpus_is_there = True
        if run.begun:
            self._prepared |= run.extractors

    def _refused_alike(self) -> bool:
        """Whether runs that stand for all were refused in the same words before one could begin."""
        if self._corpus_is_there:
            return False
        refused: dict[str, list[Run]] = {}
        for run, outcome in self.board.outcomes.items():
            if outcome.refused:
                refused.setdefault(outcome.reason, []).append(run)
        return any(self._stand_for_all(runs) for runs in refused.values())

    def _stand_for_all(self, runs: Sequence[Run]) -> bool:
        """Whether among them is every system and every protocol: what two lack (a package) a third may not need."""
        systems, protocols = {run.system for run in runs}, {run.protocol for run in runs}
        every = self.plan.runs
        return (
            len(systems) > 1
            and all(run.system in systems for run in every)
            and all(run.protocol in protocols for run in every)
        )

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C and what asks the sweep to end are noted, to be heard between two looks.

        Under ``nohup``, which has a terminal's end ignored, a sweep outlives it.
        """

        def note(number: int, frame: FrameType | None) -> None:
            self._stopped = True

        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, note) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
