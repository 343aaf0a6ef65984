"""Nested choice: for each fold a search that never sees the fold's test part, then one run with what was found."""

import argparse
import dataclasses
import json
from pathlib import Path

from mtser.errors import ConfigError, MtserError
from mtser.files import write_json
from mtser.sweep.plan import Plan
from mtser.sweep.results import results
from mtser.sweep.run import Run
from mtser.sweep.scheduler import Scheduler
from mtser.tuning.run import run_search
from mtser.tuning.search import Search
from mtser.tuning.study import StoredStudy, settings_of

SETTINGS_FILE = "fold_settings.json"


def tune_nested(search: Search, options: argparse.Namespace) -> int:
    """Search once for each fold, in what it trains and selects by; then train and test each fold with its settings.

    Returns
    -------
    int
        0, or 1 if a trial or the training failed.

    Raises
    ------
    MtserError
        If no trial of a fold came to its end: then there is nothing to train it with.
    ConfigError
        If another study's run lies where this one's would.
    """
    file = search.folder / SETTINGS_FILE
    runs = _runs(search, options, file)
    taken = [run.folder for run in runs if run.begun]
    if taken and not file.is_file():
        raise ConfigError(f"{taken[0]}: holds a run that this study has not made; give another --run_name.")
    failed, chosen = 0, {}
    names: list[str] = [""]
    corpus: dict[str, str] = {}
    number = 0
    while number < len(names):
        number += 1
        inner = search.inside(search.folder / f"fold_{number}", number, corpus)
        of = f" of {len(names)}" if names[0] else ""
        failed |= run_search(inner, f"mtser tune · for fold {number}{of}")
        stored = StoredStudy.read(inner.folder)
        corpus |= {name: value for name, value in stored.data().items() if name == "corpus"}
        if (best := stored.best(search.n_trials)) is None:
            raise MtserError(
                f"{inner.folder}: no trial came to its end, so the fold has no settings; trials.csv has the reasons."
            )
        names = _outer_folds(inner)
        chosen[names[number - 1]] = settings_of(best)
    note = (
        f"Settings were chosen per fold, nested: for each fold by {search.n_trials} trials on its training and dev "
        f"part alone, divided again by {search.base.protocol}. No search saw the test part of its fold (mtser tune)."
    )
    write_json(file, {"note": note, "folds": chosen})
    plan: Plan = dataclasses.replace(search.plan, runs=runs, title="mtser tune · with what was found")
    board = Scheduler(plan, search.screen()).run()
    print(results(board))
    return failed | (1 if board.count("failed") else 0)


def _outer_folds(inner: Search) -> list[str]:
    """The names of the protocol's folds, which the trials of an inner search have left."""
    for file in sorted((inner.folder / "trials").glob("trial_*/*/*/seed_*/outer.json")):
        return list(json.loads(file.read_text(encoding="utf-8")))
    raise MtserError(
        f"{inner.folder}: its trials are gone, and with them the names of the folds; delete it, search anew."
    )


def _runs(search: Search, options: argparse.Namespace, settings: Path) -> tuple[Run, ...]:
    """The run that is reported, with every seed. More trials may find other settings: that is another run."""
    base, name = search.base, options.run_name or f"{search.base.system}_nested_{search.n_trials}"
    runs = []
    for seed in options.seeds:
        words = list(base.command)
        words[words.index("--seed") + 1] = str(seed)
        command = (*words, "--run_name", name, "--fold_settings", str(settings))
        runs.append(Run(**{**_fields(base), "system": name, "seed": seed, "command": command}))
    return tuple(runs)


def _fields(run: Run) -> dict:
    return {field.name: getattr(run, field.name) for field in dataclasses.fields(run)}
