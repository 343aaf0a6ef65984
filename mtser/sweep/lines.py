"""A sweep where nobody watches (a log file, a batch system): one line for each run that starts or ends."""

import time

from mtser.sweep.board import Board
from mtser.sweep.outcome import Outcome
from mtser.sweep.run import Run, n_runs


class Lines:
    """Prints plain lines."""

    def begin(self, board: Board) -> None:
        """What was done before, and how much is left."""
        plan = board.plan
        _say(f"{n_runs(len(plan.runs))} on {plan.corpus}, up to {plan.jobs} at once, results in {plan.output_folder}")
        if board.outcomes:
            _say(f"{len(board.outcomes)} of them are done already")

    def started(self, run: Run) -> None:
        """Which run."""
        _say(f"started         {run}")

    def ended(self, run: Run, outcome: Outcome, board: Board) -> None:
        """Which run, what it brought, and what is left."""
        told = outcome.reason
        if outcome.kind == "done" and (pooled := board.metrics[run].get("pooled")):
            told = f"WA {pooled['wa']:.3f}, UA {pooled['ua']:.3f}"
        elif outcome.kind == "done" and (dev := board.metrics[run].get("dev")):
            told = ", ".join(f"{name.replace('_', ' ').upper()} {value:.3f}" for name, value in dev.items())
        board.update()
        estimate, n_ended = board.estimate(), len(board.outcomes)
        left = f", {estimate.text()}: {estimate.basis()}" if estimate.text() else ""
        _say(f"{outcome.kind:<15} {run}: {told}  [{n_ended} of {n_runs(len(board.plan.runs))}{left}]")

    def update(self, board: Board) -> None:
        """Nothing: a log is not to be filled with what passes."""

    def close(self) -> None:
        """Nothing is left to mend."""


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)
