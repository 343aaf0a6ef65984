import json

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score

from mtser.errors import EvaluationError
from mtser.evaluation import bootstrap_intervals, join, speaker_confusions, summarise, summarise_seeds

NAMES = {"system": "full", "corpus": "toy", "protocol": "loso"}


def slow(predictions):
    """WA, UA and macro F1 by scikit-learn."""
    truth, answer = predictions.truth, predictions.prediction
    options = {"average": "macro", "labels": sorted(set(truth.tolist())), "zero_division": 0}
    return accuracy_score(truth, answer), recall_score(truth, answer, **options), f1_score(truth, answer, **options)


def test_a_run_is_summed_up(make_predictions):
    predictions, speakers = make_predictions(3)
    metrics = summarise(
        predictions, speakers, **NAMES, skipped={"silent": 3, "no words": 1}, warnings=["look", "look"], removed=5,
        all_folds=predictions.fold_names(), synthetic=True,
    )  # fmt: skip
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics
    pooled, measures = metrics["pooled"], ("wa", "ua", "macro_f1")
    assert [pooled[name] for name in measures] == pytest.approx(slow(predictions))
    assert np.array(pooled["confusion"]).tolist() == predictions.confusion().tolist()
    assert list(pooled["recall"]) == metrics["classes"] == list(predictions.classes)
    assert np.mean(list(pooled["recall"].values())) == pytest.approx(pooled["ua"])
    rows = speaker_confusions(
        predictions.truth, predictions.prediction, [speakers[id] for id in predictions.utterances], 4
    )
    intervals = bootstrap_intervals(rows)
    assert (pooled["wa_ci95"], pooled["ua_ci95"]) == (list(intervals.wa), list(intervals.ua))
    expected = [slow(predictions.fold(name)) for name in predictions.fold_names()]
    for fold, name, values in zip(metrics["folds"], predictions.fold_names(), expected, strict=True):
        assert fold["name"] == name and fold["n_utterances"] == 24 and fold["n_speakers"] == 2
        assert [fold[key] for key in measures] == pytest.approx(values)
    for i, key in enumerate(measures):
        values = [one[i] for one in expected]
        spread = {"mean": sum(values) / 5, "std": (sum((v - sum(values) / 5) ** 2 for v in values) / 4) ** 0.5}
        assert metrics["over_folds"][key] == pytest.approx(spread)
    assert (metrics["n_utterances"], metrics["n_speakers"], metrics["n_skipped"]) == (120, 10, 4)
    assert (metrics["seed"], metrics["n_removed"], metrics["synthetic"]) == (3, 5, True)
    assert (
        metrics["warnings"][0] == "look" and "10 speakers" in metrics["warnings"][1] and len(metrics["warnings"]) == 2
    )


def test_some_folds_only_is_said(make_predictions):
    predictions, speakers = make_predictions(1)
    part = join([predictions.fold("fold_3"), predictions.fold("fold_1")])
    metrics = summarise(part, speakers, **NAMES, all_folds=predictions.fold_names())
    assert metrics["folds_missing"] == ["fold_2", "fold_4", "fold_5"] and metrics["n_utterances"] == 48
    assert any("Only 2 of 5 folds" in warning for warning in metrics["warnings"])


def test_a_class_that_is_never_tested_has_no_recall(make_predictions):
    predictions, speakers = make_predictions(1)
    metrics = summarise(predictions.select(predictions.truth != 2), speakers, **NAMES)
    pooled = metrics["pooled"]
    assert pooled["recall"]["sad"] is None and np.shape(pooled["confusion"]) == (4, 4)
    assert pooled["ua"] == pytest.approx(np.mean([v for v in pooled["recall"].values() if v is not None]))
    assert any("No tested utterance is sad" in warning for warning in metrics["warnings"])
    json.dumps(metrics, allow_nan=False)


def test_one_fold_and_one_speaker_have_neither_spread_nor_interval(make_predictions):
    predictions, speakers = make_predictions(1, n_speakers=1, n_folds=1)
    metrics = summarise(predictions, speakers, **NAMES)
    assert metrics["over_folds"]["ua"]["std"] is None and metrics["pooled"]["ua_ci95"] is None
    json.dumps(metrics, allow_nan=False)


def test_what_cannot_be_summed_up_is_refused(make_predictions):
    one, speakers = make_predictions(1)
    two, _ = make_predictions(2)
    with pytest.raises(EvaluationError, match="one seed; these predictions have 2"):
        summarise(join([one, two]), speakers, **NAMES)
    with pytest.raises(EvaluationError, match="have 0"):
        summarise(one.select(one.seeds == 7), speakers, **NAMES)
    with pytest.raises(EvaluationError, match="no speaker"):
        summarise(one, {}, **NAMES)


def test_seeds_are_summed_up(make_predictions):
    runs = [make_predictions(seed)[0] for seed in (3, 1, 2)]
    _, speakers = make_predictions(1)
    metrics = summarise_seeds(runs, speakers, **NAMES)
    json.dumps(metrics, allow_nan=False)
    ua = [slow(runs[i])[1] for i in (1, 2, 0)]
    assert metrics["seeds"] == [1, 2, 3] and metrics["n_utterances"] == 120 and metrics["n_speakers"] == 10
    assert [one["ua"] for one in metrics["per_seed"]] == pytest.approx(ua)
    assert metrics["over_seeds"]["ua"] == pytest.approx({"mean": np.mean(ua), "std": np.std(ua, ddof=1)})
    assert metrics["pooled"]["ua"] == pytest.approx(slow(join(runs))[1])
    assert metrics["pooled"]["confusion"] == sum(run.confusion() for run in runs).tolist()
    total = sum(
        speaker_confusions(run.truth, run.prediction, [speakers[id] for id in run.utterances], 4) for run in runs
    )
    assert metrics["pooled"]["ua_ci95"] == list(bootstrap_intervals(total).ua)


def test_seeds_of_different_utterances_are_refused(make_predictions):
    one, speakers = make_predictions(1)
    two, _ = make_predictions(2)
    with pytest.raises(EvaluationError, match="seeds 1 and 2"):
        summarise_seeds([one, two.select(np.arange(len(two)) > 0)], speakers, **NAMES)
    with pytest.raises(EvaluationError, match="predicted twice"):
        summarise_seeds([one, one], speakers, **NAMES)


def test_seeds_of_some_folds_say_so(make_predictions):
    (one, speakers), (two, _) = make_predictions(seed=1), make_predictions(seed=2)
    some = [run.select(np.array([name != "fold_5" for name in run.folds])) for run in (one, two)]
    all_folds = [*one.fold_names()]
    metrics = summarise_seeds(some, speakers, all_folds=all_folds, **NAMES)
    assert any("Only 4 of 5 folds" in warning for warning in metrics["warnings"])
    whole = summarise_seeds([one, two], speakers, all_folds=all_folds, **NAMES)
    assert not any("folds were run" in warning for warning in whole["warnings"])
