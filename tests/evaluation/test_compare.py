from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import binomtest

from mtser.errors import EvaluationError
from mtser.evaluation import Predictions, compare, intervals, join, unweighted_accuracy, weighted_accuracy


def changed(predictions: Predictions, **columns) -> Predictions:
    names = ("utterances", "folds", "seeds", "truth", "prediction", "probabilities", "classes")
    return Predictions(**{name: columns.get(name, getattr(predictions, name)) for name in names})


def test_differences_and_p_equal_a_slow_swap_of_whole_speakers(make_predictions):
    first, speakers = make_predictions(1, n_speakers=7, strength=2.0)
    second, _ = make_predictions(2, n_speakers=7, strength=1.5)
    found = compare(first, second, speakers)
    names = sorted(set(speakers.values()))

    def measures(swapped):
        confusions = np.zeros((2, 4, 4))
        for model, one in enumerate((first, second)):
            for id, t, p in zip(one.utterances, one.truth, one.prediction, strict=True):
                confusions[model ^ swapped[names.index(speakers[id])], t, p] += 1
        return [float(m(confusions[0]) - m(confusions[1])) for m in (weighted_accuracy, unweighted_accuracy)]

    observed = measures([0] * 7)
    assert [found.wa.value, found.ua.value] == pytest.approx(observed, abs=1e-12)
    swaps = [measures(swapped) for swapped in product([0, 1], repeat=7)]
    for m, difference in enumerate((found.wa, found.ua)):
        assert difference.p == sum(abs(swap[m]) >= abs(observed[m]) - 1e-12 for swap in swaps) / 2**7
    rng = np.random.default_rng(5)
    resampled = np.array([bootstrapped(first, second, speakers, rng) for _ in range(2000)])
    for difference, values in zip((found.wa, found.ua), resampled.T, strict=True):
        low, high = np.quantile(values, [0.025, 0.975])
        assert difference.ci95 == pytest.approx((low, high), abs=0.12 * (high - low))
    only_first = np.sum((first.truth == first.prediction) & (second.truth != second.prediction))
    only_second = np.sum((first.truth != first.prediction) & (second.truth == second.prediction))
    n, fewer = int(only_first + only_second), int(min(only_first, only_second))
    assert found.mcnemar_p == pytest.approx(min(1, sum(comb(n, k) for k in range(fewer + 1)) / 2 ** (n - 1)))
    assert (found.n_utterances, found.n_speakers) == (84, 7) and "7 speakers" in found.warnings[0]


def bootstrapped(first, second, speakers, rng):
    """Differences of WA and UA where the same speakers, drawn with replacement, are judged by both."""
    names = sorted(set(speakers.values()))
    drawn = rng.choice(names, len(names))
    confusions = np.zeros((2, 4, 4))
    for model, one in enumerate((first, second)):
        for id, t, p in zip(one.utterances, one.truth, one.prediction, strict=True):
            confusions[model, t, p] += np.sum(drawn == speakers[id])
    return [float(m(confusions[0]) - m(confusions[1])) for m in (weighted_accuracy, unweighted_accuracy)]


def test_p_is_never_zero(make_predictions):
    """Of more speakers than all signs could be tried for."""
    good, speakers = make_predictions(1, n_speakers=40, strength=50.0)
    bad = changed(good, prediction=(good.truth + 1) % 4)
    assert 0 < compare(good, bad, speakers).ua.p < 1e-3


def test_the_other_way_round_is_the_negative(make_predictions):
    first, speakers = make_predictions(1, n_speakers=25, strength=2.0)
    second, _ = make_predictions(2, n_speakers=25)
    one, other = compare(first, second, speakers), compare(second, first, speakers)
    assert one.ua.value == -other.ua.value and one.ua.p == other.ua.p and one.mcnemar_p == other.mcnemar_p
    assert one.ua.ci95 == pytest.approx((-other.ua.ci95[1], -other.ua.ci95[0]))
    assert one.warnings == other.warnings


def test_signs_of_very_many_speakers_that_are_alike_are_flipped_together(monkeypatch):
    """As where every file counts as a speaker."""
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 900)
    answers = [np.where(generator.random(900) < right, truth, 1 - truth) for right in (0.72, 0.68)]
    models = [
        Predictions([f"u{i}" for i in range(900)], ["f"] * 900, [1] * 900, truth, one, np.eye(2)[one], ("a", "b"))
        for one in answers
    ]
    speakers = {f"u{i}": f"s{i}" for i in range(900)}
    one_by_one = compare(*models, speakers)
    monkeypatch.setattr(intervals, "_EACH_BY_ITSELF", 100)
    together, reverse = compare(*models, speakers), compare(*models[::-1], speakers)
    assert together.ua.value == one_by_one.ua.value and 0.01 < one_by_one.ua.p < 0.5
    assert together.ua.p == pytest.approx(one_by_one.ua.p, abs=0.015)
    assert reverse.ua.p == pytest.approx(together.ua.p, abs=0.015)
    assert together.ua.ci95 == pytest.approx(one_by_one.ua.ci95, abs=0.004)


@pytest.mark.parametrize(("fewer", "more"), [(0, 0), (0, 3), (7, 7), (40, 61), (400, 500)])
def test_mcnemar_is_the_exact_binomial_test(fewer, more):
    n = fewer + more
    truth = np.zeros(n + 1, int)
    first = np.r_[np.ones(fewer, int), np.zeros(more + 1, int)]
    models = [
        Predictions([f"u{i}" for i in range(n + 1)], ["f"] * (n + 1), [1] * (n + 1), truth, one, np.eye(2)[one], "ab")
        for one in (first, np.r_[1 - first[:n], 0])
    ]
    found = compare(*models, {f"u{i}": "AB"[i % 2] for i in range(n + 1)}).mcnemar_p
    assert found == pytest.approx(binomtest(fewer, n, 0.5).pvalue if n else 1.0)


def test_a_model_does_not_differ_from_itself(make_predictions):
    first, speakers = make_predictions(1)
    found = compare(first, first, speakers)
    assert found.ua.value == 0 and found.ua.p == found.wa.p == found.mcnemar_p == 1


def test_alike_models_are_rarely_called_different_and_unlike_ones_often(make_predictions):
    p_alike, p_unlike = [], []
    for seed in range(80):
        first, speakers = make_predictions(2 * seed)
        p_alike.append(compare(first, make_predictions(2 * seed + 1)[0], speakers).ua.p)
        if seed < 20:
            p_unlike.append(compare(first, make_predictions(2 * seed + 1, strength=3.0)[0], speakers).ua.p)
    assert np.mean(np.array(p_alike) <= 0.05) < 0.13 and 0.35 < np.mean(p_alike) < 0.65
    assert np.mean(np.array(p_unlike) <= 0.05) > 0.9


def test_seeds_are_averaged_before_models_are_compared(make_predictions):
    runs = [make_predictions(seed)[0] for seed in (1, 2, 3)]
    other, speakers = make_predictions(9, strength=2.5)
    found = compare(join(runs), other, speakers)
    single = [compare(run, other, speakers) for run in runs]
    assert found.ua.value == pytest.approx(np.mean([one.ua.value for one in single]))
    assert found.wa.value == pytest.approx(np.mean([one.wa.value for one in single]))
    assert found.mcnemar_p is None and found.n_utterances == 120


def test_what_cannot_be_compared_is_refused(make_predictions):
    first, speakers = make_predictions(1)
    second, _ = make_predictions(2)
    part = second.select(np.arange(len(second)) > 0)
    truth = second.truth.copy()
    truth[5] = (truth[5] + 1) % 4
    cases = [
        (part, speakers, {}, "same utterances: 1 are on one side only .*s00_000"),
        (changed(second, classes=("a", "b", "c", "d")), speakers, {}, "different classes"),
        (changed(second, folds=["x"] * len(second)), speakers, {}, "s00_000 has"),
        (changed(second, truth=truth), speakers, {}, "s00_005 has"),
        (second, speakers, {"folds_hashes": ("a", "b")}, "different folds"),
        (second, {}, {}, "s00_000' has predictions but no speaker"),
        (second.select(np.zeros(len(second), bool)), speakers, {}, "without predictions"),
        (join([second, changed(part, seeds=np.full(len(part), 3))]), speakers, {}, "same utterances"),
    ]
    for other, who, options, said in cases:
        with pytest.raises(EvaluationError, match=said):
            compare(first, other, who, **options)
    compare(first, second, speakers, folds_hashes=("a", "a"))


def test_with_five_speakers_the_smallest_p_is_said(make_predictions):
    first, speakers = make_predictions(1, n_speakers=5, strength=9.0)
    second, _ = make_predictions(2, n_speakers=5, strength=0.0)
    found = compare(first, second, speakers)
    assert found.ua.p == 2 / 2**5 and any("smallest p that can come out is 0.0625" in w for w in found.warnings)
