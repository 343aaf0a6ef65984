"""Which runs may stand in one table: those on the same utterances, audio, labels and folds. All others are refused."""

import csv
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from mtser.corpora.manifest import read_manifest
from mtser.errors import EvaluationError
from mtser.files import changed
from mtser.tables.runs import Run

_ADVICE = (
    "Give mtser report only runs that belong together, or run one of the two again; --corpus_name and --run_name of "
    "train.py keep runs apart"
)
_ALL_ON_THE_SAME = (
    "If the corpus was mended since, run the system again that left these utterances out. Otherwise take them out of "
    "the corpus and run all systems again: all have to be tested on the same utterances"
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
        If classes, data, labels, audio, folds or tested utterances differ, if seeds of a system were trained with
        different settings, or if a run stands twice. The sentence names two run folders, what differs, and what to do.
    """
    for other in runs[1:]:
        if unlike := _difference(runs[0], other):
            _refuse(runs[0], other, *unlike)
    _refuse_other_audio(runs)
    for _, group in groupby(runs, key=lambda run: run.place.system):
        seeds = list(group)
        for one, other in zip(seeds, seeds[1:], strict=False):
            if one.place == other.place:
                _refuse(one, other, f"they are the same run, seed {one.place.seed} of {one.place.system}, twice")
        for other in seeds[1:]:
            if difference := settings_difference(seeds[0].settings, other.settings) or files_difference(
                seeds[0].files, other.files
            ):
                _refuse(seeds[0], other, f"they are seeds of one system, but {difference}")


def _refuse(one: Run, other: Run, difference: str, advice: str = _ADVICE) -> None:
    raise EvaluationError(f"{one.folder} and {other.folder} cannot stand in one table: {difference}. {advice}.")


def _difference(one: Run, other: Run) -> tuple[str, str] | None:
    """What two runs of one table must not differ in, and what to do; None if they fit."""
    if text := _class_difference(one, other):
        return text, _ADVICE
    if one.manifest != other.manifest:
        return _manifest_difference(one, other)
    text = _part_difference(one, other)
    return (text, _ADVICE) if text else None


def _class_difference(one: Run, other: Run) -> str | None:
    first, second = one.predictions.classes, other.predictions.classes
    if first == second:
        return None
    return f"the classes of the first are {', '.join(first)}, those of the second {', '.join(second)}"


def _part_difference(one: Run, other: Run) -> str | None:
    """In what the parts of the folds differ, or what is said of them, on the same data."""
    first, second = one.predictions, other.predictions
    if one.folds != other.folds:
        return _folds_difference(one, other)
    if first.utterances != second.utterances or first.folds != second.folds:
        return "their predictions are not of the same utterances, though their data and folds are"
    if (first.truth != second.truth).any():
        return "their predictions do not tell the same true classes, though their data are the same"
    return None


def _refuse_other_audio(runs: Sequence[Run]) -> None:
    """Refuse runs that heard other audio of the same utterances: those of which both tell it."""
    different: list[Run] = []  # one for each content of audio.json
    for other in runs:
        if any(one.audio is other.audio for one in different):
            continue
        for one in different:
            if difference := audio_difference(one.audio, other.audio):
                _refuse(one, other, difference)
        different.append(other)


def audio_difference(first: Mapping[str, str], second: Mapping[str, str]) -> str | None:
    """How many utterances have other audio, of those that both know; None if there is none.

    Example
    -------
    >>> audio_difference({"a": "1f", "b": "20"}, {"a": "1f", "b": "3c", "c": "00"})
    'the audio of 1 utterance differs (the first: b)'
    """
    if not (ids := sorted(changed(first, second))):
        return None
    return f"the audio of {len(ids)} utterance{'s' * (len(ids) > 1)} differs (the first: {ids[0]})"


def _manifest_difference(one: Run, other: Run) -> tuple[str, str]:
    first, second = (
        {utterance.id: utterance.to_dict() for utterance in read_manifest(run.folder / "manifest.json")}
        for run in (one, other)
    )
    missing = [
        (ids, where, _reasons(run))
        for ids, where, run in (
            (sorted(first.keys() - second.keys()), "first", other),
            (sorted(second.keys() - first.keys()), "second", one),
        )
        if ids
    ]
    if missing:
        sides = [
            f"{len(ids)} {'is' if len(ids) == 1 else 'are'} only in the {where} ({_some(ids)}{_why(ids[0], reasons)})"
            for ids, where, reasons in missing
        ]
        unread = any(id in reasons for ids, _, reasons in missing for id in ids)
        text = f"they are not on the same utterances: {' and '.join(sides)}"
        return text, _ALL_ON_THE_SAME if unread else _ADVICE
    return _content_difference(first, second), _ADVICE


def _content_difference(first: Mapping[str, Mapping[str, Any]], second: Mapping[str, Mapping[str, Any]]) -> str:
    """In what two manifests of the same utterances differ."""
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


def _reasons(run: Run) -> dict[str, str]:
    """Why utterances were left out of a run, as its ``skipped.csv`` tells."""
    try:
        with (run.folder / "skipped.csv").open(encoding="utf-8", newline="") as file:
            return {row["utterance"]: row["reason"] for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError):
        return {}


def _why(id: str, reasons: Mapping[str, str]) -> str:
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


def files_difference(first: Mapping[str, str], second: Mapping[str, str]) -> str | None:
    """The first file that settings of both runs name and that held something else; None if there is none.

    Example
    -------
    >>> files_difference({"glove.txt": "1f", "faces.csv": "20"}, {"glove.txt": "3c"})
    'glove.txt, which their settings name, held something else'
    """
    paths = changed(first, second)
    return f"{paths[0]}, which their settings name, held something else" if paths else None


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
