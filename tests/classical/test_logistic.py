"""The classifier against its definition, and how it is chosen."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from mtser.classical.logistic import LinearClassifier, choose, ua

RANDOM = np.random.default_rng(0)
LABELS = np.arange(60) % 3
ROWS = RANDOM.normal(size=(60, 4)) + np.eye(3, 4)[LABELS]
OPTIONS = {"n_classes": 3, "strengths": [0.1, 1.0, 10.0], "class_weights": ["none", "balanced"]}


def cross_entropy(weights: np.ndarray, bias: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> float:
    """Sum over utterances, one by one."""
    total = 0.0
    for row, label in zip(rows, labels, strict=True):
        logits = [float(np.dot(weights[k], row) + bias[k]) for k in range(len(bias))]
        total += np.log(np.sum(np.exp(logits))) - logits[label]
    return total


def test_it_makes_the_regularised_cross_entropy_small() -> None:
    one = choose(ROWS, LABELS, ROWS, LABELS, **{**OPTIONS, "strengths": [2.0], "class_weights": ["none"]}).classifier

    def objective(flat: np.ndarray) -> float:
        weights, bias = flat[:12].reshape(3, 4), flat[12:]
        return 2.0 * cross_entropy(weights, bias, ROWS, LABELS) + 0.5 * (weights**2).sum()

    least = minimize(objective, np.zeros(15)).x
    slow = LinearClassifier(least[:12].reshape(3, 4), least[12:])
    np.testing.assert_allclose(one.probabilities(ROWS), slow.probabilities(ROWS), rtol=0, atol=2e-3)
    assert one.n_parameters == 15


def test_two_classes_and_a_class_that_is_missing() -> None:
    """scikit-learn keeps one row of coefficients for two classes."""
    labels = 2 * (LABELS == 2)
    one = choose(ROWS, labels, ROWS, labels, **{**OPTIONS, "strengths": [3.0], "class_weights": ["none"]}).classifier
    expected = LogisticRegression(C=3.0).fit(ROWS, labels).predict_proba(ROWS)
    told = one.probabilities(ROWS)
    assert told.shape == (60, 3) and not told[:, 1].any()
    np.testing.assert_allclose(told[:, [0, 2]], expected, rtol=0, atol=1e-9)


def test_dense_and_sparse_rows_give_the_same() -> None:
    dense, sparse = (choose(rows, LABELS, rows, LABELS, **OPTIONS) for rows in (ROWS, csr_matrix(ROWS)))
    np.testing.assert_allclose(
        dense.classifier.probabilities(ROWS), sparse.classifier.probabilities(csr_matrix(ROWS)), rtol=0, atol=1e-4
    )


def test_the_best_on_dev_is_taken() -> None:
    dev, dev_labels = RANDOM.normal(size=(30, 4)) + np.eye(3, 4)[LABELS[:30]], LABELS[:30]
    best = choose(ROWS, LABELS, dev, dev_labels, **OPTIONS)
    each = {}
    for strength in OPTIONS["strengths"]:
        for weights in OPTIONS["class_weights"]:
            only = {**OPTIONS, "strengths": [strength], "class_weights": [weights]}
            each[strength, weights] = choose(ROWS, LABELS, dev, dev_labels, **only).dev_ua
    assert len(set(each.values())) > 1
    assert best.dev_ua == max(each.values()) == ua(dev_labels, best.classifier.probabilities(dev))
    first = next(choice for choice, reached in each.items() if reached == best.dev_ua)
    assert (best.strength, best.class_weights) == first


@pytest.mark.parametrize("n", [6, 60])
def test_equal_ones_take_the_strongest_regularisation(n: int) -> None:
    rows, labels = np.repeat(np.eye(3), n // 3, 0), np.repeat([0, 1, 2], n // 3)
    best = choose(rows, labels, rows, labels, n_classes=3, strengths=[9.0, 1.0], class_weights=["balanced", "none"])
    assert (best.strength, best.class_weights, best.dev_ua) == (1.0, "balanced", 1.0)
