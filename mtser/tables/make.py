"""From runs to a report: check what fits, sum up, compare."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

import numpy as np

from mtser.errors import EvaluationError
from mtser.evaluation import (
    Predictions,
    bootstrap_intervals,
    ensemble,
    ensemble_name,
    join,
    recall_per_class,
    seeds_alike,
    speaker_confusions,
)
from mtser.evaluation.compare import speakers_of
from mtser.evaluation.intervals import few_speakers
from mtser.evaluation.luck import SAME_MODELS, one_seed, same_models
from mtser.evaluation.metrics import grouped_confusion_matrices
from mtser.evaluation.summary import MEASURES
from mtser.protocol_names import PROTOCOLS
from mtser.tables.alike import refuse_unlike
from mtser.tables.calibration import calibrate
from mtser.tables.report import Against, Caution, Measure, Report, Row, Section
from mtser.tables.runs import CPU, Found, Left, Run
from mtser.tables.significance import compare_all, too_few_speakers


def make_report(found: Found, reference: str = "full") -> Report:
    """Sum up all runs: a section for each corpus and protocol, never averaged over either.

    Parameters
    ----------
    found
        Of :func:`mtser.tables.find_runs`.
    reference
        The system that the others are compared with, where a section has it.

    Raises
    ------
    EvaluationError
        If runs of a section do not fit each other, or no system has the reference's name (``full`` may be absent).
    """
    systems = {place.system for place in found.places()}
    if reference != "full" and reference not in systems:
        raise EvaluationError(f"--reference {reference}: no such system here; there are {', '.join(sorted(systems))}.")
    names = {(place.corpus, place.protocol) for place in found.places()}
    places = sorted(names, key=lambda place: (place[0], _rank(place[1])))
    return Report(tuple(_section(corpus, protocol, found, reference) for corpus, protocol in places))


def _rank(protocol: str) -> tuple[int, str]:
    """The order of mtser's protocols, then others by name."""
    return (PROTOCOLS.index(protocol) if protocol in PROTOCOLS else len(PROTOCOLS), protocol)


def _section(corpus: str, protocol: str, found: Found, reference: str) -> Section:
    runs = _of(found.runs, corpus, protocol)
    not_applicable, incomplete = (_of(part, corpus, protocol) for part in (found.not_applicable, found.incomplete))
    refuse_unlike(runs)
    by_system = {name: list(group) for name, group in groupby(runs, key=lambda run: run.place.system)}
    joined = {name: join([run.predictions for run in group]) for name, group in by_system.items()}
    speakers: Mapping[str, str] = runs[0].speakers if runs else {}
    without_luck = [name for name, one in joined.items() if seeds_alike(one)]
    averaged = {
        ensemble_name(name, len(group)): (name, ensemble(joined[name]))
        for name, group in by_system.items()
        if len(group) > 1 and name not in without_luck
    }
    against = compare_all(joined, reference, speakers)
    rows = {name: _row(name, group, joined[name], against.get(name)) for name, group in by_system.items()}
    for name, (system, one) in averaged.items():
        rows[name] = _ensemble_row(name, rows[system], by_system[system], one)
    first = runs[0] if runs else None
    names = sorted({speakers[id] for id in first.predictions.utterances}) if first else []
    return Section(
        corpus=corpus,
        protocol=protocol,
        classes=tuple(first.predictions.classes) if first else (),
        support=tuple(first.predictions.confusion().sum(1).tolist()) if first else (),
        n_speakers=len(names),
        skipped=first.metrics["skipped"] if first else {},
        synthetic=any(run.metrics["synthetic"] for run in runs),
        reference=reference,
        rows=rows,
        not_applicable={one.place.system: one.reason for one in not_applicable if one.place.system not in rows},
        incomplete=(*incomplete, *(_odd_seed(one) for one in not_applicable if one.place.system in rows)),
        cautions=(*_cautions(by_system, without_luck, len(names), len(against)), *_luck(by_system, against)),
        manifest=first.manifest if first else "",
        audio=_audio(runs),
    )


_Some = TypeVar("_Some", Run, Left)


def _of(part: Sequence[_Some], corpus: str, protocol: str) -> list[_Some]:
    """Those of a section, in the order of systems and seeds."""
    mine = [one for one in part if (one.place.corpus, one.place.protocol) == (corpus, protocol)]
    return sorted(mine, key=lambda one: one.place)


def _audio(runs: Sequence[Run]) -> Mapping[str, str]:
    """What all runs together tell of the audio; most have the same file, whose mapping is then taken as it is."""
    different = list({id(run.audio): run.audio for run in runs if run.audio}.values())
    return different[0] if len(different) == 1 else {key: value for one in different for key, value in one.items()}


def _odd_seed(left: Left) -> Left:
    """A seed that was not applicable, though others of its system have results."""
    return Left(left.place, left.folder, f"not applicable, though other seeds were run: {left.reason}")


def _row(name: str, runs: Sequence[Run], joined: Predictions, against: Against | None) -> Row:
    n_classes, seeds = len(joined.classes), joined.seed_values()
    by_seed = grouped_confusion_matrices(
        joined.truth, joined.prediction, np.searchsorted(seeds, joined.seeds), len(seeds), n_classes
    )
    intervals = bootstrap_intervals(
        speaker_confusions(joined.truth, joined.prediction, speakers_of(joined, runs[0].speakers), n_classes)
    )
    wa, ua = (
        Measure(float(measure(by_seed.sum(0))), ci95, tuple(float(value) for value in measure(by_seed)))
        for measure, ci95 in ((MEASURES["wa"], intervals.wa), (MEASURES["ua"], intervals.ua))
    )
    return Row(
        system=name,
        origin=str(runs[0].settings.get("system", name)),
        seeds=seeds,
        wa=wa,
        ua=ua,
        confusion=by_seed.mean(0),
        recall=recall_per_class(by_seed.sum(0)),
        calibration=calibrate(joined),
        parameters=_mean(run.parameters for run in runs),
        seconds=_mean(run.seconds for run in runs),
        attributes=_attributes(runs),
        settings=runs[0].settings,
        files=runs[0].files,
        has_epochs=runs[0].has_epochs,
        against=against,
        pretrained=tuple(dict.fromkeys(name for run in runs for name in run.pretrained)),
    )


def _ensemble_row(name: str, of: Row, runs: Sequence[Run], averaged: Predictions) -> Row:
    """All seeds of a system as one model: it costs what all of them cost."""
    row, n_seeds = _row(name, runs, averaged, None), len(runs)
    return replace(
        row,
        origin=of.origin,
        seeds=of.seeds,
        parameters=None if of.parameters is None else n_seeds * of.parameters,
        seconds=None if of.seconds is None else n_seeds * of.seconds,
        attributes={},
        ensemble_of=of.system,
    )


def _mean(values: Iterable[float | None]) -> float | None:
    """The mean; None if a value is missing."""
    numbers = list(values)
    return None if None in numbers else float(np.mean(numbers))  # type: ignore[arg-type]


def _attributes(runs: Sequence[Run]) -> dict[str, tuple[float | None, int]]:
    """Attribute → mean concordance over seeds, utterances; of the attributes that all seeds have."""
    told: list[Mapping[str, Any]] = [run.metrics.get("attributes") or {} for run in runs]
    try:
        return {
            name: (_mean(one[name]["ccc"] for one in told), int(told[0][name]["n"]))
            for name in told[0]
            if all(name in one for one in told)
        }
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(
            f"{runs[0].folder / 'metrics.json'}: its attributes do not have ccc and n ({error}); run it again."
        ) from error


def _cautions(
    systems: Mapping[str, Sequence[Run]], without_luck: Sequence[str], n_speakers: int, n_comparisons: int
) -> list[Caution]:
    """What the runs warn of, once each, and what only shows when they stand side by side."""
    told: dict[str, list[str]] = {}
    for name, runs in systems.items():
        notes = [note for run in runs for note in (*run.metrics["warnings"], *run.metrics.get("notes", ()))]
        models = {model for run in runs for model in run.pretrained}  # a row tells them, they are no caution
        for note in dict.fromkeys(note for note in notes if note not in models):
            told.setdefault(note, []).append(name)
    cautions = []
    for note, names in told.items():
        whose = () if len(names) == len(systems) else tuple(names)
        cautions.append(Caution(note, whose, is_named=bool(whose), is_of_values=note != few_speakers(n_speakers)))
    seeds = {name: ", ".join(str(run.place.seed) for run in runs) for name, runs in systems.items()}
    if len(set(seeds.values())) > 1:
        text = (
            f"The systems were run with different seeds ({_grouped(seeds)}): a mean over fewer seeds owes more to luck."
        )
        cautions.append(Caution(text, _odd(seeds)))
    if without_luck:
        text = (
            "all seeds gave the same answers, since nothing is drawn by chance; there is no spread over seeds, and no "
            "ensemble."
        )
        cautions.append(Caution(text, tuple(without_luck), is_named=True))
    epochs = {
        name: str(runs[0].settings.get("number_of_epochs", "not told"))
        for name, runs in systems.items()
        if runs[0].has_epochs
    }
    if len(set(epochs.values())) > 1:
        text = f"The systems were trained for different numbers of epochs at most ({_grouped(epochs)})."
        cautions.append(Caution(text, _odd(epochs)))
    processors = {name: ", ".join(sorted({run.processor for run in runs})) for name, runs in systems.items()}
    if _are_different(run.processor for runs in systems.values() for run in runs):
        text = (
            f"The systems were trained on different processors ({_grouped(processors)}): training times do not compare."
        )
        cautions.append(Caution(text, _odd(processors), is_of_values=False))
    if too_few := too_few_speakers(n_speakers, n_comparisons):
        cautions.append(Caution(too_few, is_of_values=False))
    return cautions


def _are_different(processors: Iterable[str]) -> bool:
    """Whether two are known to be different: a CPU of which no model was written down may be any CPU."""
    named = set(processors)
    others = {name for name in named if not name.startswith(CPU)}
    return len(named - {CPU}) > 1 or bool(CPU in named and others)


def _luck(systems: Mapping[str, Sequence[Run]], against: Mapping[str, Against]) -> list[Caution]:
    """What is to be said of the luck of training, if anything was compared."""
    if not against:
        return []
    cautions = []
    if single := [name for name, runs in systems.items() if len(runs) == 1 and runs[0].has_epochs]:
        whose = "all systems" if len(single) == len(systems) else ", ".join(single)
        cautions.append(Caution(one_seed(whose), tuple(single), is_of_values=False))
    run = next(iter(systems.values()))[0]
    if same_models(run.predictions.folds, speakers_of(run.predictions, run.speakers)):
        cautions.append(Caution(SAME_MODELS, is_of_values=False))
    return cautions


def _groups(values: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Each value and who has it; the one that most have is the last."""
    groups: dict[str, list[str]] = {}
    for name, value in values.items():
        groups.setdefault(value, []).append(name)
    return sorted(groups.items(), key=lambda group: len(group[1]))


def _odd(values: Mapping[str, str]) -> tuple[str, ...]:
    """All whose value is not the one that most have; everyone (so nobody) where only two stand side by side."""
    few = tuple(name for _, names in _groups(values)[:-1] for name in names)
    return few if len(values) > 2 else ()


def _grouped(values: Mapping[str, str]) -> str:
    """``wise: 1; mdre, mha2: 1, 2; the others: 1, 2, 3``."""
    *few, (most, others) = _groups(values)
    last = "the others" if len(others) > 2 else ", ".join(others)
    return "; ".join([*(f"{', '.join(names)}: {value}" for value, names in few), f"{last}: {most}"])
