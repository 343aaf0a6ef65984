"""A sweep on a terminal: one table that is drawn anew every second."""

import time
from collections.abc import Sequence
from statistics import fmean
from typing import Literal, NamedTuple

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mtser.measures_on_dev import NAMES
from mtser.sweep.board import Board, figures
from mtser.sweep.outcome import Outcome
from mtser.sweep.run import Run, n_runs
from mtser.sweep.time_left import Estimate, Pace, Timed, duration

_EVERY = 1.0  # seconds
_AROUND_ROWS = 10  # lines beside the table's rows: title, head, two rules, sums, bar, basis, two empty ones, the last


class LiveTable:
    """Draws the state of a sweep.

    Parameters
    ----------
    console
        Of the terminal.
    """

    def __init__(self, console: Console) -> None:
        # Without a thread of its own: a process that has threads cannot start others safely.
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._drawn = 0.0

    def begin(self, board: Board) -> None:
        """Draw for the first time."""
        self._live.start()
        self._draw(board)

    def started(self, run: Run) -> None:
        """The next drawing shows it."""

    def ended(self, run: Run, outcome: Outcome, board: Board) -> None:
        """The next drawing shows it."""

    def update(self, board: Board) -> None:
        """Draw, if the last drawing is a second old."""
        if time.monotonic() - self._drawn >= _EVERY:
            board.update()
            self._draw(board)

    def close(self) -> None:
        """Take the table away; the results are printed in its place."""
        self._live.stop()

    def _draw(self, board: Board) -> None:
        console = self._live.console
        self._live.update(render(board, console.width, console.height), refresh=True)
        self._drawn = time.monotonic()


def render(board: Board, width: int, height: int) -> RenderableType:
    """The state of a sweep as at most ``height`` lines: what runs, what has ended last, what is to come.

    Parameters
    ----------
    board
        The state.
    width, height
        Of the terminal, in characters and lines. Rows that do not fit are counted.
    """
    running, groups = board.running, _ended_groups(board)
    n_rows = max(height - _AROUND_ROWS, 4)
    n_ended = min(len(groups), max(n_rows - len(running), n_rows // 3, 2))
    estimate, pace = board.estimate(), board.pace()
    table = Table(box=box.HORIZONTALS, show_edge=False, padding=0, pad_edge=False)
    for (name, column_width), justify in zip(_widths(board, width).items(), "llrrrrr", strict=True):
        justified: Literal["left", "right"] = "left" if justify == "l" else "right"
        table.add_column(name, no_wrap=True, overflow="ellipsis", justify=justified, width=column_width)
    for row in _cut([_running_row(one, pace) for one in running], n_rows - n_ended, "running"):
        table.add_row(*row.cells, style=row.style)
    if running and groups:
        table.add_section()
    for row in _cut([_ended_row(board, runs) for runs in groups], n_ended, "ended"):
        table.add_row(*row.cells, style=row.style)
    return Group(
        _line(_title(board), "bold"),
        _line(""),
        table,
        _line(""),
        _line(_sums(board)),
        _bar(board, estimate),
        _line(f"time left: {estimate.basis()}", "dim"),
    )


def _widths(board: Board, width: int) -> dict[str, int]:
    """Column → its width, the same in every drawing, so that nothing jumps."""
    runs = board.plan.runs
    measures = {run.measure for run in runs}
    seeds = ",".join(str(seed) for seed in {run.seed for run in runs})
    on_dev = f"dev {NAMES.get(next(iter(measures)), '')}".rstrip() if len(measures) == 1 else "on dev"
    epochs = max(len(str(run.limit)) for run in runs)
    columns = {
        "system": max(6, *(len(run.system) for run in runs)),
        "protocol": max(8, *(len(run.protocol) for run in runs)),
        "seed": min(max(4, len(seeds)), 9),
        "fold": 5,
        "epoch": max(5, 2 * epochs + 1),
        on_dev: max(7, len(on_dev)),
        "": len("59 min left"),
    }
    for name in ("system", "protocol"):  # only names may be cut
        too_wide = sum(columns.values()) + len(columns) - 1 - width
        columns[name] = max(columns[name] - max(too_wide, 0), min(columns[name], 12))
    return columns


class _Row(NamedTuple):
    cells: Sequence[str]
    style: str = ""


def _running_row(one: Timed, pace: Pace) -> _Row:
    run, folds = one.progress.run, one.progress.folds
    cells = [run.system, run.protocol, str(run.seed)]
    if not folds:
        return _Row([*cells, "", "", "", "starting"])
    if one.progress.current is None:
        return _Row([*cells, f"{len(folds)}/{len(folds)}", "", "", "judging"])
    number, fold = one.progress.current
    left = pace.left(one)
    dev = f"{fold.best_on_dev:.3f}" if fold.epochs else ""
    time_left = "" if left is None else f"{duration(left)} left"
    return _Row([*cells, f"{number}/{len(folds)}", f"{fold.epochs}/{run.limit}", dev, time_left])


def _ended_groups(board: Board) -> list[list[Run]]:
    """The runs that have ended, by system and protocol: those with failures, then those that ended last."""
    groups: dict[tuple[str, str], list[Run]] = {}
    for run in reversed(board.outcomes):
        groups.setdefault((run.system, run.protocol), []).append(run)
    found = [sorted(runs, key=lambda run: run.seed) for runs in groups.values()]
    return sorted(found, key=lambda runs: all(board.outcomes[run].kind != "failed" for run in runs))


def _ended_row(board: Board, runs: list[Run]) -> _Row:
    """A group of runs: the mean UA, unless something went wrong."""
    kinds = [board.outcomes[run].kind for run in runs]
    found = [ua for run in runs if (ua := figures(board.metrics.get(run, {})).get("ua")) is not None]
    cells = [runs[0].system, runs[0].protocol, ",".join(str(run.seed) for run in runs), "", "", ""]
    if "failed" in kinds:
        return _Row([*cells, f"{kinds.count('failed')} failed"], "red")
    if "not applicable" in kinds:
        return _Row([*cells, "n/a"], "yellow")
    if "pruned" in kinds:
        return _Row([*cells, "pruned"], "dim")
    return _Row([*cells, f"UA {fmean(found):.3f}" if found else "done"], "dim")


def _cut(rows: list[_Row], most: int, what: str) -> list[_Row]:
    """At most so many rows; the last one counts those that are left out."""
    if len(rows) <= most:
        return rows
    shown = max(most - 1, 0)
    return [*rows[:shown], _Row([f"… {len(rows) - shown} more {what}"], "dim")]


def _title(board: Board) -> str:
    plan = board.plan
    at_once = f"{plan.jobs} at once" if plan.jobs > 1 else "one at a time"
    return f"{plan.title} · {plan.corpus} · {len(plan.runs)} runs, {at_once}"


def _sums(board: Board) -> str:
    parts = [f"{board.count('done')} done"]
    parts += [f"{n} {kind}" for kind in ("pruned", "not applicable", "failed") if (n := board.count(kind))]
    parts += [f"{len(board.running)} running", f"{len(board.waiting) - len(board.elsewhere)} waiting"]
    parts += [f"{len(board.elsewhere)} in another sweep"] if board.elsewhere else []
    return ", ".join(parts)


def _bar(board: Board, estimate: Estimate) -> RenderableType:
    bar = Table.grid(expand=True, padding=(0, 1))
    bar.add_column(ratio=1)
    bar.add_column(no_wrap=True)
    told = f"{len(board.outcomes)} of {n_runs(len(board.plan.runs))}"
    bar.add_row(
        ProgressBar(total=1.0, completed=board.share(), complete_style="green"),
        ", ".join(filter(None, [told, estimate.text()])),
    )
    return bar


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
