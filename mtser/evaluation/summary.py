"""The numbers of one run, or of several seeds, as ``metrics.json`` and ``seeds.json`` hold them.

All measures are fractions from 0 to 1; what cannot be computed is ``null``. "std" is the sample standard deviation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mtser.errors import EvaluationError
from mtser.evaluation.attributes import AttributePredictions
from mtser.evaluation.compare import speakers_of
from mtser.evaluation.intervals import bootstrap_intervals, speaker_confusions
from mtser.evaluation.metrics import macro_f1, recall_per_class, unweighted_accuracy, weighted_accuracy
from mtser.evaluation.predictions import Predictions, join

MEASURES = {"wa": weighted_accuracy, "ua": unweighted_accuracy, "macro_f1": macro_f1}


def summarise(
    predictions: Predictions,
    speakers: Mapping[str, str],
    attributes: AttributePredictions | None = None,
    *,
    system: str,
    corpus: str,
    protocol: str,
    skipped: Mapping[str, int] | None = None,
    warnings: Sequence[str] = (),
    all_folds: Sequence[str] | None = None,
    removed: int = 0,
    synthetic: bool = False,
    licence: str = "",
) -> dict[str, Any]:
    """Sum up one run (one seed).

    Parameters
    ----------
    predictions
        Of all folds that were run.
    speakers
        Utterance id → speaker.
    attributes
        Of the same folds and seed, if the system tells them: the result then has "attributes", each with its
        concordance correlation "ccc" over all folds, "n" ratings, and mean and std over folds.
    skipped
        How many utterances were left out for each reason (``Corpus.skipped_reasons()``).
    warnings
        Of the corpus and of the protocol; those of the evaluation are added.
    all_folds
        The names of all folds of the protocol (``Folds.names()``): where the predictions cover only some
        (``--folds 1,3``), the result says so.
    removed
        ``Folds.removed``.
    synthetic, licence
        Of the corpus.

    Returns
    -------
    dict
        JSON types, for ``metrics.json``.

    Raises
    ------
    EvaluationError
        If there are no predictions, several seeds, or an utterance without a speaker.

    Example
    -------
    >>> one = Predictions(["u1", "u2"], ["f", "f"], [1, 1], [0, 1], [0, 0], [[0.9, 0.1], [0.6, 0.4]], ("sad", "angry"))
    >>> metrics = summarise(one, {"u1": "A", "u2": "B"}, system="full", corpus="toy", protocol="lospo")
    >>> metrics["pooled"]["ua"], metrics["pooled"]["recall"]
    (0.5, {'sad': 1.0, 'angry': 0.0})
    """
    if len(predictions.seed_values()) != 1:
        raise EvaluationError(
            f"A run has one seed; these predictions have {len(predictions.seed_values())} (none, if there are none)."
        )
    names = predictions.fold_names()
    missing = [name for name in all_folds or () if name not in names]
    folds = [_fold(predictions.fold(name), name, speakers) for name in names]
    if attributes is not None:
        for fold in folds:
            fold["attributes"] = attributes.fold(fold["name"]).summary()
    pooled, n_speakers, found = _pooled(predictions, speakers)
    warnings = [*warnings, *found, *_partial(names, all_folds)]
    skipped = dict(skipped or {})
    return {
        "system": system,
        "corpus": corpus,
        "protocol": protocol,
        "synthetic": synthetic,
        **({"licence": licence} if licence else {}),
        "seed": predictions.seed_values()[0],
        "classes": list(predictions.classes),
        "n_utterances": len(predictions),
        "n_speakers": n_speakers,
        "n_skipped": sum(skipped.values()),
        "skipped": skipped,
        "n_removed": removed,
        "pooled": pooled,
        "over_folds": _spread(folds),
        **({} if attributes is None else {"attributes": _attributes(attributes, [one["attributes"] for one in folds])}),
        "folds": folds,
        "folds_missing": missing,
        "warnings": list(dict.fromkeys(warnings)),
    }


def summarise_seeds(
    runs: Sequence[Predictions],
    speakers: Mapping[str, str],
    attributes: AttributePredictions | None = None,
    *,
    system: str,
    corpus: str,
    protocol: str,
    warnings: Sequence[str] = (),
    all_folds: Sequence[str] | None = None,
    synthetic: bool = False,
    licence: str = "",
) -> dict[str, Any]:
    """Sum up several seeds of one system on the same folds; see :func:`summarise`.

    ``pooled`` takes all seeds together. Its intervals are over speakers: the seeds of an utterance stay together, so
    that more seeds do not pretend to be more speakers.

    Parameters
    ----------
    runs
        One a seed, or already joined.
    attributes
        Of all seeds; mean and std of their concordance correlations are over seeds.

    Raises
    ------
    EvaluationError
        If the runs differ in classes, utterances or folds, or a seed stands twice.
    """
    together = join(runs)
    seeds = together.seed_values()
    expected = together.items(seeds[0]) if seeds else {}
    for seed in seeds[1:]:
        if together.items(seed) != expected:
            raise EvaluationError(
                f"The seeds {seeds[0]} and {seed} were not tested on the same utterances and folds; run both with "
                "the same corpus, protocol and folds."
            )
    pooled, n_speakers, found = _pooled(together, speakers)
    found += _partial(together.fold_names(), all_folds)
    per_seed = [
        {"seed": seed} | _measures(together.select(together.seeds == seed).confusion())
        for seed in together.seed_values()
    ]
    told: dict[str, Any] = {}
    if attributes is not None:
        for one in per_seed:
            one["attributes"] = attributes.select(attributes.seeds == one["seed"]).summary()
        told["attributes"] = _attributes(attributes, [one["attributes"] for one in per_seed])
        for entry in told["attributes"].values():
            entry["n"] //= len(seeds)  # an utterance is rated once
    return {
        "system": system,
        "corpus": corpus,
        "protocol": protocol,
        "synthetic": synthetic,
        **({"licence": licence} if licence else {}),
        "seeds": list(seeds),
        "classes": list(together.classes),
        "n_utterances": len(expected),
        "n_speakers": n_speakers,
        "pooled": pooled,
        "over_seeds": _spread(per_seed),
        **told,
        "per_seed": per_seed,
        "warnings": list(dict.fromkeys([*warnings, *found])),
    }


def summarise_models(
    predictions: Predictions, models: Sequence[Predictions], speakers: Mapping[str, str], **about: Any
) -> dict[str, Any]:
    """Sum up what several models (those of a run's folds) say about the same utterances: together, and each by itself.

    Parameters
    ----------
    predictions
        Of the models together, for example by the mean of their probabilities; ``pooled`` is about these.
    models
        Each model's own, of one "fold" each, over which ``over_folds`` tells mean and deviation.
    speakers, about
        As for :func:`summarise`.

    Returns
    -------
    dict
        As :func:`summarise`; "models" is the number of models, and ``folds`` has an entry for each.

    Example
    -------
    >>> one = Predictions(["u1", "u2"], ["a", "a"], [1, 1], [0, 1], [0, 0], [[0.9, 0.1], [0.6, 0.4]], ("sad", "angry"))
    >>> two = Predictions(["u1", "u2"], ["b", "b"], [1, 1], [0, 1], [0, 1], [[0.9, 0.1], [0.1, 0.9]], ("sad", "angry"))
    >>> metrics = summarise_models(two, [one, two], {"u1": "A", "u2": "B"}, system="full", corpus="x", protocol="p")
    >>> metrics["pooled"]["ua"], metrics["over_folds"]["ua"]["mean"]
    (1.0, 0.75)
    """
    metrics = summarise(predictions, speakers, **about)
    folds = [_fold(one, one.fold_names()[0], speakers) for one in models]
    return metrics | {"folds": folds, "over_folds": _spread(folds), "models": len(models)}


def _partial(names: Sequence[str], all_folds: Sequence[str] | None) -> list[str]:
    """A warning if folds are missing."""
    missing = [name for name in all_folds or () if name not in names]
    if not missing:
        return []
    return [
        f"Only {len(names)} of {len(names) + len(missing)} folds were run ({', '.join(names)}): the numbers cover "
        "a part of the corpus and must not be set beside whole runs."
    ]


def _pooled(predictions: Predictions, speakers: Mapping[str, str]) -> tuple[dict[str, Any], int, list[str]]:
    """All rows together: the measures, the number of speakers, warnings."""
    confusion, classes = predictions.confusion(), predictions.classes
    intervals = bootstrap_intervals(
        speaker_confusions(predictions.truth, predictions.prediction, speakers_of(predictions, speakers), len(classes))
    )
    warnings = list(intervals.warnings)
    if absent := [name for name, n in zip(classes, confusion.sum(1), strict=True) if n == 0]:
        warnings.append(f"No tested utterance is {', '.join(absent)}: UA and macro F1 are over the other classes.")
    pooled = _measures(confusion) | {
        "wa_ci95": list(intervals.wa) if intervals.wa else None,
        "ua_ci95": list(intervals.ua) if intervals.ua else None,
        "recall": {name: _number(value) for name, value in zip(classes, recall_per_class(confusion), strict=True)},
        "confusion": confusion.tolist(),
    }
    return pooled, intervals.n_speakers, warnings


def _fold(predictions: Predictions, name: str, speakers: Mapping[str, str]) -> dict[str, Any]:
    return (
        {"name": name}
        | _measures(predictions.confusion())
        | {"n_utterances": len(predictions), "n_speakers": len(set(speakers_of(predictions, speakers)))}
    )


def _measures(confusion: ArrayLike) -> dict[str, Any]:
    return {name: _number(measure(confusion)) for name, measure in MEASURES.items()}


def _spread(entries: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, float | None]]:
    """Mean and sample standard deviation of each measure; no deviation of a single value."""
    values = {name: np.array([entry[name] for entry in entries], np.float64) for name in MEASURES}
    return {
        name: {"mean": _number(value.mean()), "std": _number(value.std(ddof=1)) if len(value) > 1 else None}
        for name, value in values.items()
    }


def _attributes(
    predictions: AttributePredictions, entries: Sequence[Mapping[str, Mapping[str, Any]]]
) -> dict[str, dict[str, Any]]:
    """Each attribute's concordance correlation over all rows, and its mean and deviation over folds or seeds."""
    summary = predictions.summary()
    for name, told in summary.items():
        each = [entry[name]["ccc"] for entry in entries if entry[name]["ccc"] is not None]
        told["mean"] = float(np.mean(each)) if each else None
        told["std"] = float(np.std(each, ddof=1)) if len(each) > 1 else None
    return summary


def _number(value: Any) -> float | None:
    """A float that JSON can hold."""
    return float(value) if np.isfinite(value) else None
