import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from mtser.errors import EvaluationError
from mtser.evaluation.metrics import (
    confusion_matrix,
    grouped_confusion_matrices,
    macro_f1,
    recall_per_class,
    unweighted_accuracy,
    weighted_accuracy,
)

labels = st.integers(2, 6).flatmap(
    lambda k: st.tuples(
        st.just(k), st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=1, max_size=40)
    )
)


@given(labels)
def test_every_measure_equals_slow_loops_and_scikit_learn(case):
    n_classes, pairs = case
    truth, prediction = [t for t, _ in pairs], [p for _, p in pairs]
    confusion = confusion_matrix(truth, prediction, n_classes)
    recalls, f1s = [], []
    for k in range(n_classes):
        support = sum(t == k for t in truth)
        hits = sum(t == p == k for t, p in pairs)
        predicted = sum(p == k for p in prediction)
        recalls.append(hits / support if support else math.nan)
        if support:
            precision, recall = (hits / predicted if predicted else 0.0), hits / support
            f1s.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    present = [r for r in recalls if not math.isnan(r)]
    np.testing.assert_allclose(recall_per_class(confusion), recalls, rtol=1e-12)
    np.testing.assert_allclose(unweighted_accuracy(confusion), sum(present) / len(present), rtol=1e-12)
    np.testing.assert_allclose(weighted_accuracy(confusion), sum(t == p for t, p in pairs) / len(pairs), rtol=1e-12)
    np.testing.assert_allclose(macro_f1(confusion), sum(f1s) / len(f1s), rtol=1e-12)
    everything, seen = list(range(n_classes)), sorted(set(truth))
    scikit = sklearn_metrics.confusion_matrix(truth, prediction, labels=everything)
    assert confusion.shape == (n_classes, n_classes) and (confusion == scikit).all()
    options = {"labels": seen, "average": "macro", "zero_division": 0}
    scikit_ua = sklearn_metrics.recall_score(truth, prediction, **options)
    np.testing.assert_allclose(unweighted_accuracy(confusion), scikit_ua, rtol=1e-12)
    scikit_f1 = sklearn_metrics.f1_score(truth, prediction, **options)
    np.testing.assert_allclose(macro_f1(confusion), scikit_f1, rtol=1e-12)


def test_many_matrices_at_once_equal_one_at_a_time():
    confusions = np.random.default_rng(0).integers(0, 5, (3, 7, 4, 4))
    confusions[1, 2, 3] = 0  # an absent class
    confusions[2, 4] = 0  # nothing at all
    for measure in (weighted_accuracy, unweighted_accuracy, macro_f1):
        together = measure(confusions)
        assert together.shape == (3, 7)
        alone = [[measure(confusion) for confusion in row] for row in confusions]
        np.testing.assert_array_equal(together, np.array(alone))
        assert np.isnan(together[2, 4]) and np.isnan(together).sum() == 1


def test_groups_are_counted_apart():
    random = np.random.default_rng(1)
    truth, prediction, group = random.integers(0, 3, 50), random.integers(0, 3, 50), random.integers(0, 4, 50)
    grouped = grouped_confusion_matrices(truth, prediction, group, 5, 3)
    assert grouped.shape == (5, 3, 3) and not grouped[4].any()
    for g in range(4):
        assert (grouped[g] == confusion_matrix(truth[group == g], prediction[group == g], 3)).all()


def test_wrong_indices_and_lengths_are_refused():
    for truth, prediction in (([0, 3], [0, 0]), ([0, 0], [-1, 0]), ([0, 1], [0])):
        with pytest.raises(EvaluationError):
            confusion_matrix(truth, prediction, 3)
