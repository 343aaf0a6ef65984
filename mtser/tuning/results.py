"""What a search leaves: the best YAML, all trials as a table, two pictures, and a summary for the screen."""

import json
import shutil
import textwrap
from collections.abc import Mapping
from itertools import dropwhile
from pathlib import Path

from mtser.files import write_csv, write_text
from mtser.measures_on_dev import NAMES
from mtser.sweep.board import Board
from mtser.tuning.optional import FrozenTrial, optuna_module
from mtser.tuning.pictures import draw_history, draw_importance
from mtser.tuning.search import Search
from mtser.tuning.space import is_present
from mtser.tuning.study import StoredStudy, settings_of
from mtser.unfinished import remove_leftovers

_STATES = {"COMPLETE": "done", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running", "WAITING": "waiting"}
_SHOWN = 8  # settings in the summary of importance
LEAK = (
    "Its figures on the test parts of this corpus under {protocol} are too good: what is dev part of one fold is test "
    "part of another, so the test parts have helped to choose. Figures to report come from mtser tune --nested, or "
    "from another corpus."
)
NOTE = (
    "The settings of {system} were chosen on the dev parts of {corpus} under {protocol} (mtser tune). On that corpus, "
    "figures on test parts are too good: what is dev part of one fold is test part of another."
)
"""Stands in a best YAML of which LEAK is true, and in the report of each of its runs, on whatever corpus."""
HONEST = "No test part has helped to choose: {protocol} has one fold, whose dev part is tested nowhere."
INNER = "It was chosen without the test part of fold {number} of {protocol}, and is for that fold alone."


def write_results(search: Search, stored: StoredStudy) -> list[Path]:
    """Write all files that the study allows by now.

    Returns
    -------
    list of Path
        Those that were written.
    """
    folder, trials = search.folder, stored.trials()
    remove_leftovers(folder)
    names = [parameter.name for parameter in search.space.parameters]
    rows = [
        [
            one.number,
            _STATES[one.state.name],
            _number(one.value if one.state.name == "COMPLETE" else None),
            _number(one.user_attrs.get("seconds")),
        ]
        + [settings_of(one).get(name, "") for name in names]
        + [one.user_attrs.get("reason", "")]
        for one in trials
    ]
    files = [write_csv(folder / "trials.csv", ["trial", "state", "dev", "seconds", *names, "reason"], rows)]
    if (best := stored.best()) is None:
        return files
    files.append(write_text(folder / "best.yaml", best_yaml(search, stored, best)))
    title = f"{search.base.system} · {search.base.corpus} · {search.base.protocol}"
    files.append(draw_history(folder / "history.png", trials, title=title, measure=_measure(search)))
    if found := importance(stored):
        done = sum(one.state.name == "COMPLETE" for one in trials)
        files.append(draw_importance(folder / "importance.png", found, title=f"{title} · {done} trials"))
    return files


def best_yaml(search: Search, stored: StoredStudy, best: FrozenTrial) -> str:
    """The system with the best settings, as a stock HyperPyYAML file that needs no other."""
    base, settings = search.base, settings_of(best)
    name = f"{base.system}_best"
    system = search.system.overridden(settings).named(name)
    if _leaks(search):
        system = system.tuned(NOTE.format(system=name, corpus=base.corpus, protocol=base.protocol))
    lines_of_it = system.text().splitlines(keepends=True)
    text = "".join(dropwhile(lambda line: line.startswith("#") or not line.strip(), lines_of_it))  # without its header
    done = sum(one.state.name == "COMPLETE" for one in stored.trials())
    lines = [
        f"{name}: {search.system.file} with the settings that did best on dev.",
        "",
        f"Found by mtser tune: trial {best.number} of {len(stored.trials())} ({done} to the end) in "
        f"{search.space.file}, on {base.corpus} under {base.protocol}; {_measure(search)} on dev {best.value:.4f}, "
        "mean over the folds of each chosen epoch.",
        _leak(search),
        "",
        *(f"{key}: {value}" for key, value in settings.items()),
    ]
    rule = "# " + "#" * 32
    wrapped = [
        part
        for line in lines
        for part in (textwrap.wrap(line, 118, break_long_words=False, break_on_hyphens=False) or [""])
    ]
    return "\n".join([rule, *(f"# {line}".rstrip() for line in wrapped), rule, "", text])


def importance(stored: StoredStudy) -> dict[str, float]:
    """Share of the variance of what trials reached that each setting explains by itself (fANOVA).

    Pruned trials do not count. Empty if there are not more trials than settings, or the shares cannot be told.
    """
    optuna = optuna_module()
    complete = [one for one in stored.trials() if one.state.name == "COMPLETE"]
    if len(complete) <= max(3, len(stored.space.parameters)) or len({one.value for one in complete}) < 2:
        return {}
    try:
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        return dict(optuna.importance.get_param_importances(stored.study, evaluator=evaluator, normalize=False))
    except (ValueError, RuntimeError):  # no setting is in all trials
        return {}


def summary(search: Search, stored: StoredStudy, board: Board, files: list[Path]) -> str:
    """What the terminal shows in the end."""
    width = min(max(shutil.get_terminal_size().columns, 80), 100)
    trials, best = stored.trials(), stored.best()
    counts = [f"{sum(one.state.name == state for one in trials)} {name}" for state, name in list(_STATES.items())[:3]]
    lines = [f"{search.base.system} · {search.base.corpus} · {search.base.protocol} · {', '.join(counts)}", ""]
    if search.all_settings is not None:
        lines += [f"These are all {len(search.all_settings)} settings of the space.", ""]
    if best is None:
        lines.append("No trial has come to its end.")
    else:
        first = trials[0]
        lines.append(f"Best: trial {best.number}, {_measure(search)} on dev {best.value:.3f}")
        is_yaml = is_present(search.system, settings_of(first))
        if first.state.name == "COMPLETE" and first.value is not None and first is not best and is_yaml:
            lines.append(f"Trial 0, the YAML as it is: {first.value:.3f}")
        lines += ["", *_settings(settings_of(best))]
        if found := importance(stored):
            told = ", ".join(f"{name} {share:.2f}" for name, share in list(found.items())[:_SHOWN])
            lines += ["", *_wrapped(f"What mattered most (share of the variance by itself): {told}.", width)]
        lines += ["", *_wrapped(f"best.yaml: {_leak(search)}", width)]
    reasons = {outcome.reason: run for run, outcome in board.outcomes.items() if outcome.kind == "failed"}
    for reason, run in list(reasons.items())[:3]:
        lines += ["", *_wrapped(f"{run} failed: {reason} ({run.log})", width)]
    return "\n".join([*lines, "", f"{', '.join(file.name for file in files)} in {search.folder}"])


def _leak(search: Search) -> str:
    """What has to be known about figures of the best YAML."""
    if search.inner is None:
        return (LEAK if _leaks(search) else HONEST).format(protocol=search.base.protocol)
    return INNER.format(number=search.inner, protocol=search.base.protocol)


def _leaks(search: Search) -> bool:
    """Whether test parts have helped to choose."""
    return search.inner is None and _n_folds(search) != 1


def _n_folds(search: Search) -> int:
    """Of the protocol, as the trials have left them; 0 if there are none."""
    for file in (search.folder / "trials").glob("trial_*/*/*/seed_*/folds.json"):
        return len(json.loads(file.read_text(encoding="utf-8"))["folds"])
    return 0


def _settings(settings: Mapping[str, str]) -> list[str]:
    longest = max(map(len, settings), default=0)
    return [f"  {name:<{longest}}  {value}" for name, value in settings.items()]


def _measure(search: Search) -> str:
    return NAMES[search.base.measure]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)
