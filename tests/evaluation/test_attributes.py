import numpy as np
import pytest

from mtser.errors import EvaluationError
from mtser.evaluation import (
    AttributePredictions,
    concordance_correlation,
    join_attributes,
    screen_summary,
    summarise,
    summarise_seeds,
    write_report,
    write_seeds_report,
)

NAMES = {"system": "multitask_vad", "corpus": "toy", "protocol": "loso"}
ATTRIBUTES = ("valence", "activation", "dominance")


def attributes_of(predictions, seed=1):
    """Ratings and predictions of the same utterances and folds; a tenth of the ratings is missing."""
    n = len(predictions)
    truth = np.round(np.random.default_rng(5).uniform(1, 5, (n, 3)), 4)
    told = 0.5 * truth + np.random.default_rng(seed).normal(1, 1, (n, 3))
    truth[::10, 1] = np.nan
    return AttributePredictions(predictions.utterances, predictions.folds, predictions.seeds, truth, told)


def slow_ccc(truth, told):
    """By Pearson's correlation and the bias, as Lin tells it."""
    rated = ~np.isnan(truth)
    x, y = truth[rated], told[rated].astype(np.float64)
    shift, scale = (x.mean() - y.mean()) / np.sqrt(x.std() * y.std()), x.std() / y.std()
    return np.corrcoef(x, y)[0, 1] * 2 / (scale + 1 / scale + shift**2)


def test_concordance_by_another_formula(make_predictions):
    one = attributes_of(make_predictions(1)[0])
    found = concordance_correlation(one.truth, one.prediction)
    assert found == pytest.approx([slow_ccc(one.truth[:, k], one.prediction[:, k]) for k in range(3)], rel=1e-10)
    assert (found > 0.2).all() and (found < 0.9).all()
    assert np.isnan(concordance_correlation([[1], [1]], [[1], [2]])).all()
    assert concordance_correlation([[1], [2]], [[3], [3]]).tolist() == [0.0]


def test_the_file_gives_everything_back(tmp_path, make_predictions):
    one = attributes_of(make_predictions(3)[0], 3)
    again = AttributePredictions.read(one.save(tmp_path / "attributes.csv"))
    assert (again.utterances, again.folds) == (one.utterances, one.folds) and (again.seeds == one.seeds).all()
    np.testing.assert_array_equal(again.truth, one.truth)
    np.testing.assert_array_equal(again.prediction, one.prediction)
    assert again.summary() == one.summary()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[:-5], "breaks off"),
        (lambda text: text.replace("valence", "joy", 1), "columns"),
        (lambda text: text.replace(",1,", ",one,", 1), "line 2"),
        (lambda text: text.rsplit(",", 1)[0] + "\n", "a field is missing"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, make_predictions, damage, said):
    path = attributes_of(make_predictions(1)[0]).save(tmp_path / "attributes.csv")
    path.write_text(damage(path.read_text()))
    with pytest.raises(EvaluationError, match=said):
        AttributePredictions.read(path)
    with pytest.raises(EvaluationError, match="cannot be read"):
        AttributePredictions.read(tmp_path / "none.csv")


def test_predictions_that_are_none_are_refused():
    with pytest.raises(EvaluationError, match=r"no numbers \(the first: u2\)"):
        AttributePredictions(["u1", "u2"], ["f", "f"], [1, 1], [[1, 2, 3]] * 2, [[1, 2, 3], [1, np.nan, 3]])
    with pytest.raises(EvaluationError, match="other lengths"):
        AttributePredictions(["u1"], ["f"], [1], [[1, 2, 3]] * 2, [[1, 2, 3]])


def test_a_run_is_summed_up_shown_and_reported(tmp_path, make_predictions):
    predictions, speakers = make_predictions(1)
    told = attributes_of(predictions)
    metrics = summarise(predictions, speakers, told, **NAMES)
    folds = [told.fold(name) for name in predictions.fold_names()]
    text = write_report(tmp_path, metrics).read_text()
    screen = screen_summary(metrics, width=80)
    for k, name in enumerate(ATTRIBUTES):
        one, each = metrics["attributes"][name], [slow_ccc(f.truth[:, k], f.prediction[:, k]) for f in folds]
        assert one["ccc"] == pytest.approx(slow_ccc(told.truth[:, k], told.prediction[:, k]))
        assert one["n"] == (108 if name == "activation" else 120)
        assert (one["mean"], one["std"]) == pytest.approx((np.mean(each), np.std(each, ddof=1)))
        assert [fold["attributes"][name]["ccc"] for fold in metrics["folds"]] == pytest.approx(each)
        spread = f"{one['mean']:.3f} ± {one['std']:.3f}"
        assert f"| {name} | **{one['ccc']:.3f}** | {spread} | {one['n']} |" in text
        line = next(line for line in screen.splitlines() if line.startswith(f" CCC {name}"))
        assert f"{one['ccc']:.3f}" in line and line.endswith(spread) and len(line) <= 80
    assert "concordance correlation" in text


def test_systems_that_tell_none_say_nothing_of_them(tmp_path, make_predictions):
    predictions, speakers = make_predictions(1)
    metrics = summarise(predictions, speakers, **NAMES)
    assert "attributes" not in metrics and "CCC" not in screen_summary(metrics)
    assert "CCC" not in write_report(tmp_path, metrics).read_text()


def test_seeds_are_summed_up(tmp_path, make_predictions):
    runs, speakers = [make_predictions(seed)[0] for seed in (1, 2)], make_predictions(1)[1]
    told = [attributes_of(run, seed) for seed, run in enumerate(runs, 1)]
    metrics = summarise_seeds(runs, speakers, join_attributes(told), **NAMES)
    each = [slow_ccc(one.truth[:, 0], one.prediction[:, 0]) for one in told]
    valence = metrics["attributes"]["valence"]
    assert (valence["mean"], valence["std"]) == pytest.approx((np.mean(each), np.std(each, ddof=1)))
    assert [one["attributes"]["valence"]["ccc"] for one in metrics["per_seed"]] == pytest.approx(each)
    assert valence["n"] == 120 and metrics["attributes"]["activation"]["n"] == 108
    text = write_seeds_report(tmp_path, metrics).read_text()
    assert "mean ± std over seeds | ratings" in text and f"**{valence['ccc']:.3f}**" in text
