"""What a sweep says in the end: a table for each protocol, what is not applicable, what failed, what to do next."""

import shlex
import shutil
import textwrap
from collections.abc import Sequence
from statistics import fmean, stdev

from mtser.sweep.board import Board, figures
from mtser.sweep.run import Run, n_runs


def results(board: Board, width: int | None = None) -> str:
    """The end of a sweep as a text.

    Parameters
    ----------
    board
        After the last run.
    width
        In characters; default: the terminal's, from 80 to 100.
    """
    width = width or min(max(shutil.get_terminal_size().columns, 80), 100)
    parts = [_table(board, protocol, width) for protocol in dict.fromkeys(run.protocol for run in board.plan.runs)]
    if any(metrics.get("synthetic") for metrics in board.metrics.values()):
        from mtser.evaluation.report import SYNTHETIC  # imports what draws pictures

        parts.insert(0, _wrapped(SYNTHETIC, width))
    parts += [_not_applicable(board, width), _failures(board, width), _next(board, width)]
    return "\n\n".join(part for part in parts if part)


def spread(values: Sequence[float]) -> str:
    """Mean and sample standard deviation.

    Example
    -------
    >>> spread([0.4, 0.5, 0.6]), spread([0.4]), spread([])
    ('0.500 ± 0.100', '0.400', '')
    """
    if len(values) < 2:
        return f"{values[0]:.3f}" if values else ""
    return f"{fmean(values):.3f} ± {stdev(values):.3f}"


def _table(board: Board, protocol: str, width: int) -> str:
    """A line a system."""
    runs = [run for run in board.plan.runs if run.protocol == protocol]
    n_seeds = len({run.seed for run in runs})
    over = f"mean ± std over {n_seeds} seeds" if n_seeds > 1 else f"seed {runs[0].seed}"
    systems = list(dict.fromkeys(run.system for run in runs))
    label = min(max(len("system"), *map(len, systems)), width - 50)
    part = " · on dev, by which epochs were chosen" if _on_dev(board) else ""
    lines = [f"{board.plan.corpus} · {protocol} · {over}{part}", "-" * width, f"{'system':<{label}}  {'WA':<15}  UA"]
    for system in systems:
        own = [run for run in runs if run.system == system]
        lines.append(f"{_short(system, label):<{label}}  {_row(board, own)}".rstrip())
    lines.append("-" * width)
    if partial := sorted({len(metrics["folds"]) for metrics in _metrics(board, runs) if metrics.get("folds_missing")}):
        were = "fold was" if partial == [1] else "folds were"
        lines.append(f"Only {' or '.join(map(str, partial))} {were} run: not to be set beside whole runs.")
    return "\n".join(lines)


def _row(board: Board, runs: list[Run]) -> str:
    found = [reached for metrics in _metrics(board, runs) if (reached := figures(metrics))]
    kinds = [board.outcomes[run].kind if run in board.outcomes else "not started" for run in runs]
    missing = [
        f"{kinds.count(kind)} of {len(kinds)} {kind}" if len(kinds) > 1 else kind
        for kind in dict.fromkeys(kinds)
        if kind != "done"
    ]
    if missing and len(set(kinds)) == 1:
        return kinds[0]
    wa, ua = (spread([pooled[name] for pooled in found]) for name in ("wa", "ua"))
    return f"{wa:<15}  {ua:<15}  {', '.join(missing)}"


def _on_dev(board: Board) -> bool:
    return any(metrics.get("part") == "dev" for metrics in board.metrics.values())


def _metrics(board: Board, runs: Sequence[Run]) -> list[dict]:
    return [board.metrics[run] for run in runs if run in board.metrics]


def _not_applicable(board: Board, width: int) -> str:
    """Each reason once, with the systems and protocols that it is about."""
    reasons: dict[str, dict[str, None]] = {}
    for run in board.plan.runs:
        if (outcome := board.outcomes.get(run)) and outcome.kind == "not applicable":
            reasons.setdefault(outcome.reason, {})[f"{run.system} · {run.protocol}"] = None
    return "\n".join(
        _wrapped(f"not applicable: {', '.join(names)}: {reason}", width) for reason, names in reasons.items()
    )


def _failures(board: Board, width: int) -> str:
    failed = [
        (run, outcome) for run in board.plan.runs if (outcome := board.outcomes.get(run)) and outcome.kind == "failed"
    ]
    lines = [f"{len(failed)} of {n_runs(len(board.plan.runs))} failed:"] if failed else []
    for run, outcome in failed:
        lines += [f"  {run}", _wrapped(outcome.reason, width, "    "), f"    {run.log}"]
    if n_left := len(board.waiting):
        were = "runs were" if n_left > 1 else "run was"
        why = "every system was refused in the same words before any of them could begin"
        lines.append(_wrapped(f"{n_left} {were} not started, since {why}.", width))
    return "\n".join(lines)


def _next(board: Board, width: int) -> str:
    if board.waiting:
        return "The same command runs again what failed, and what was not started; nothing else."
    if board.count("failed"):
        return "The same command runs again what failed, and nothing else."
    if not board.count("done") or _on_dev(board):  # figures on dev stand in no table
        return ""
    folder = shlex.quote(str(board.plan.output_folder))
    return f"The tables, with intervals, tests and pictures:\n  mtser report {folder}"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _wrapped(text: str, width: int, start: str = "") -> str:
    return textwrap.fill(text, width, initial_indent=start, subsequent_indent=start, break_on_hyphens=False)
