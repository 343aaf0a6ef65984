"""Which runs may stand in one table: those on the same utterances, labels and folds. All others are refused."""

import csv
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from mtser.corpora.manifest import read_manifest
from mtser.errors import EvaluationError
from mtser.tables.runs import Run

_ADVICE = (
    "Give mtser report only runs that belong together, or run one of the two again; --corpus_name and --run_name of "
    "train.py keep runs apart"
)


def refuse_unlike(runs: Sequence[Run]) -> None:
    """Refuse runs of one corpus and protocol that do not fit each other.

    Parameters
    ----------
    runs
        Sorted by place.

    Raises
    ------
    EvaluationError
        If classes, data, labels, folds or tested utterances differ, if seeds of a system were trained with different
        settings, or if a run stands twice. The sentence names two run folders, what differs, and what to do.
    """
    for other in runs[1:]:
        if difference := _difference(runs[0], other):
            _refuse(runs[0], other, difference)
    for _, group in groupby(runs, key=lambda run: run.place.system):
        seeds = list(group)
        for one, other in zip(seeds, seeds[1:], strict=False):
            if one.place == other.place:
                _refuse(one, other, f"they are the same run, seed {one.place.seed} of {one.place.system}, twice")
        for other in seeds[1:]:
            if difference := settings_difference(seeds[0].settings, other.settings):
                _refuse(seeds[0], other, f"they are seeds of one system, but {difference}")


def _refuse(one: Run, other: Run, difference: str) -> None:
    raise EvaluationError(f"{one.folder} and {other.folder} cannot stand in one table: {difference}. {_ADVICE}.")


def _difference(one: Run, other: Run) -> str | None:
    """What two runs of one table must not differ in; None if they fit."""
    first, second = one.predictions, other.predictions
    if first.classes != second.classes:
        return (
            f"the classes of the first are {', '.join(first.classes)}, those of the second {', '.join(second.classes)}"
        )
    if one.manifest != other.manifest:
        return _manifest_difference(one, other)
    if one.folds != other.folds:
        return _folds_difference(one, other)
    if first.utterances != second.utterances or first.folds != second.folds:
        return "their predictions are not of the same utterances, though their data and folds are"
    if (first.truth != second.truth).any():
        return "their predictions do not tell the same true classes, though their data are the same"
    return None


def _manifest_difference(one: Run, other: Run) -> str:
    first, second = (
        {utterance.id: utterance.to_dict() for utterance in read_manifest(run.folder / "manifest.json")}
        for run in (one, other)
    )
    only = [sorted(first.keys() - second.keys()), sorted(second.keys() - first.keys())]
    if any(only):
        sides = [
            f"{len(ids)} {'is' if len(ids) == 1 else 'are'} only in the {where} ({_some(ids)}{_why(ids[0], missing)})"
            for ids, where, missing in ((only[0], "first", other), (only[1], "second", one))
            if ids
        ]
        return f"they are not on the same utterances: {' and '.join(sides)}"
    differing = {name for id in first for name in first[id] if first[id][name] != second[id].get(name)}
    if not differing:
        return "their manifests differ (run.json has two hashes), though their utterances are the same"
    # The label first: it is what is learnt.
    name = min(differing, key=lambda name: (name != "emotion", name))
    ids = [id for id in first if first[id][name] != second[id].get(name)]
    what = "label" if name == "emotion" else name
    number = f"{len(ids)} utterance{'s' * (len(ids) > 1)}"
    text = f"the {what} of {number} differs (the first: {ids[0]}"
    if name == "emotion":
        text += f" is {first[ids[0]][name]} in the first run and {second[ids[0]][name]} in the second"
    return f"{text}), so they are not on the same data"


def _why(id: str, run: Run) -> str:
    """Why an utterance was left out of a run, as its ``skipped.csv`` tells."""
    try:
        with (run.folder / "skipped.csv").open(encoding="utf-8", newline="") as file:
            reasons = {row["utterance"]: row["reason"] for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError):
        return ""
    return f"; the other run left it out: {reasons[id]}" if id in reasons else ""


def _folds_difference(one: Run, other: Run) -> str:
    first, second = (dict(zip(run.predictions.utterances, run.predictions.folds, strict=True)) for run in (one, other))
    moved = [id for id in sorted(first.keys() | second.keys()) if first.get(id) != second.get(id)]
    if not moved:
        return "their folds differ: the test parts are the same, the training or dev parts are not"
    where = [fold or "no fold" for fold in (first.get(moved[0]), second.get(moved[0]))]
    return (
        f"their folds differ: {len(moved)} utterances are tested elsewhere (the first: {moved[0]} in {where[0]} and in "
        f"{where[1]})"
    )


def settings_difference(first: Mapping[str, Any], second: Mapping[str, Any]) -> str | None:
    """The first name in which two runs differ, and how many more there are; None if they are alike.

    Example
    -------
    >>> settings_difference({"batch_size": 64, "a": 1}, {"batch_size": 32, "a": 2})
    'batch_size is 64 in the first and 32 in the second, and 1 more setting differs'
    """
    differ = [name for name in dict.fromkeys([*first, *second]) if first.get(name) != second.get(name)]
    if not differ:
        return None
    values = f"{differ[0]} is {first.get(differ[0])} in the first and {second.get(differ[0])} in the second"
    more = len(differ) - 1
    return values + (f", and {more} more setting{'s differ' if more > 1 else ' differs'}" if more else "")


def _some(ids: Sequence[str], most: int = 3) -> str:
    """``a, b, c and 5 more``."""
    return ", ".join(ids[:most]) + (f" and {len(ids) - most} more" if len(ids) > most else "")
