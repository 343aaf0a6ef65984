import numpy as np
import pytest

from mtser.evaluation import Predictions, join
from mtser.tables.calibration import N_BINS, calibrate


def predictions(seed, n=300, n_classes=4):
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(n_classes, 0.7), n)
    truth = np.where(random.random(n) < 0.6, probabilities.argmax(1), random.integers(0, n_classes, n))
    ids = [f"u{i:03d}" for i in range(n)]
    answers = probabilities.argmax(1)
    return Predictions(ids, ["f"] * n, [seed] * n, truth, answers, probabilities, list("abcd"))


def slow_ece(parts):
    """One answer after the other, bins as lists."""
    bins = [[] for _ in range(N_BINS)]
    for one in parts:
        for row in range(len(one)):
            sure = float(one.probabilities[row, one.prediction[row]])
            k = next(k for k in range(N_BINS) if sure <= (k + 1) / N_BINS or k == N_BINS - 1)
            bins[k].append((sure, one.truth[row] == one.prediction[row]))
    n = sum(map(len, bins))
    return sum(
        len(one) / n * abs(sum(right for _, right in one) / len(one) - sum(sure for sure, _ in one) / len(one))
        for one in bins
        if one
    )


def test_ece_equals_a_slow_computation_over_all_seeds():
    parts = [predictions(1), predictions(2)]
    found = calibrate(join(parts))
    assert found.ece == pytest.approx(slow_ece(parts), abs=1e-9)
    assert found.per_seed == pytest.approx([slow_ece([one]) for one in parts], abs=1e-9)
    assert found.counts.sum() == 600


def test_bins_by_hand():
    """Two answers with 0.55 (one right), one with 0.95 (wrong), one with 1.0 (right)."""
    sure = np.array([0.55, 0.55, 0.95, 1.0])
    one = Predictions(
        list("abcd"), ["f"] * 4, [1] * 4, [0, 1, 1, 0], [0] * 4, np.stack([sure, 1 - sure], 1), ("x", "y")
    )
    found = calibrate(one)
    assert found.counts.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 0, 2]
    assert np.isnan(found.accuracy[0]) and found.accuracy[5] == 0.5 and found.accuracy[9] == 0.5
    assert found.confidence[9] == pytest.approx(0.975)
    assert found.ece == pytest.approx(0.5 * 0.05 + 0.5 * 0.475)
    assert found.overconfidence == pytest.approx(0.7625 - 0.5)


def test_edges_belong_to_the_bin_below():
    one = Predictions(["a"], ["f"], [1], [0], [0], [[0.5, 0.5]], ("x", "y"))
    assert calibrate(one).counts.tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    none = Predictions(["a"], ["f"], [1], [0], [1], [[1.0, 0.0]], ("x", "y"))
    assert calibrate(none).counts[0] == 1


def test_seeds_are_pooled_not_averaged():
    """A seed that is too sure and one that is not sure enough: together right, each by itself wrong."""
    ids, folds = list("abcd"), ["f"] * 4
    sure = np.tile([0.75, 0.25], (4, 1))
    always = Predictions(ids, folds, [1] * 4, [0, 0, 0, 0], [0] * 4, sure, ("x", "y"))
    half = Predictions(ids, folds, [2] * 4, [0, 0, 1, 1], [0] * 4, sure, ("x", "y"))
    found = calibrate(join([always, half]))
    assert found.ece == pytest.approx(0.0)
    assert found.per_seed == pytest.approx((0.25, 0.25))


def test_confidence_is_that_of_the_answer():
    """Some systems answer with another class than the most probable one."""
    one = Predictions(["a"], ["f"], [1], [1], [1], [[0.7, 0.3]], ("x", "y"))
    assert calibrate(one).ece == pytest.approx(0.7)
