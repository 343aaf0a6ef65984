"""Boards in any state, for the screens: their run folders hold just what the screens read."""

import json
import time
from pathlib import Path

from mtser.sweep.board import Board, _Started
from mtser.sweep.outcome import Outcome
from mtser.sweep.plan import Plan
from mtser.sweep.progress import RunProgress
from mtser.sweep.run import Run


def make_board(
    folder: Path,
    systems: list[str],
    protocols: tuple[str, ...] = ("loso",),
    seeds: tuple[int, ...] = (1,),
    jobs: int = 2,
) -> Board:
    """A board with nothing on it; at most 100 epochs a fold, patience 15."""
    settings = {"number_of_epochs": 100, "training.patience": 15}
    runs = tuple(
        Run(system, "mini", protocol, seed, folder, ("python", "train.py"), settings)
        for protocol in protocols
        for system in systems
        for seed in seeds
    )
    return Board(Plan(runs, Path("train.py"), None, jobs, 1))


def write_progress(run: Run, folds: list[list[float]], *, n_folds: int = 5, seconds: float = 2.0) -> None:
    """Write what a run has done: for each fold the UA on dev after each epoch; all but the last one are finished."""
    names = [f"session_{number}" for number in range(1, n_folds + 1)]
    write(run.folder / "folds.json", json.dumps({"folds": [{"name": name} for name in names]}))
    write(run.folder / "run.json", "{}")
    for number, (name, scores) in enumerate(zip(names, folds, strict=False), 1):
        rows = [f"{epoch},{score},{seconds}" for epoch, score in enumerate(scores, 1)]
        write(run.folder / "folds" / name / "log.csv", "\n".join(["epoch,dev_ua,seconds", *rows]))
        if number < len(folds) or number == n_folds:
            write(run.folder / "folds" / name / "result.json", "{}")


def done(board: Board, run: Run, wa: float, ua: float, **metrics: object) -> None:
    """Let a run be done: five folds of ten epochs."""
    write_progress(run, [[0.4] * 10] * 5)
    pooled = {"wa": wa, "ua": ua}
    write(run.folder / "metrics.json", json.dumps({"pooled": pooled, "folds": [{"name": "session_1"}], **metrics}))
    board.end(run, Outcome("done"))


def running(board: Board, run: Run, folds: list[list[float]], seconds: float = 30.0) -> None:
    """Let a run be on, since so many seconds."""
    progress = RunProgress(run)
    if folds:
        write_progress(run, folds)
    board._running[run] = _Started(progress, time.monotonic() - seconds)
    board.update()


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
