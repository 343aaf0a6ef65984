"""Multinomial logistic regression, its strength chosen on the dev part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from mtser.evaluation.metrics import confusion_matrix, unweighted_accuracy

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class LinearClassifier:
    """Rows → probabilities, softmax(W x + b).

    Parameters
    ----------
    weights
        ``[classes, values]``.
    bias
        ``[classes]``; minus infinity for a class that the training part lacked.

    Example
    -------
    >>> LinearClassifier(np.array([[1.0], [0.0]]), np.zeros(2)).probabilities(np.array([[0.0], [1.0]]))
    array([[0.5 , 0.5 ],
           [0.73, 0.27]])
    """

    weights: Floats
    bias: Floats

    @property
    def n_parameters(self) -> int:
        """Weights and biases."""
        return self.weights.size + self.bias.size

    def probabilities(self, rows: Any) -> Floats:
        """``[utterances, values]``, dense or sparse → ``[utterances, classes]``."""
        return softmax(rows @ self.weights.T + self.bias, axis=1)


@dataclass(frozen=True)
class Chosen:
    """The classifier with the highest UA on dev.

    Parameters
    ----------
    classifier
        Fitted on the training part.
    strength
        scikit-learn's C, the inverse of the regularisation's strength.
    class_weights
        "none" or "balanced".
    dev_ua
        What it reached.
    """

    classifier: LinearClassifier
    strength: float
    class_weights: str
    dev_ua: float


def choose(
    train: Any,
    train_labels: Labels,
    dev: Any,
    dev_labels: Labels,
    *,
    n_classes: int,
    strengths: Sequence[float],
    class_weights: Sequence[str],
) -> Chosen:
    """Fit one classifier on the training part for every choice, and take the one with the highest UA on dev.

    Of equal ones the one with the strongest regularisation. It is not fitted again on training and dev part together:
    dev is for choices, here as for every other system.

    Parameters
    ----------
    train, dev
        ``[utterances, values]``, dense or sparse.
    train_labels, dev_labels
        ``[utterances]``: class numbers.
    n_classes
        How many classes there are.
    strengths, class_weights
        What to choose from.

    Example
    -------
    >>> rows, labels = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    >>> best = choose(rows, labels, rows, labels, n_classes=2, strengths=[1.0, 10.0], class_weights=["none"])
    >>> best.strength, best.dev_ua, best.classifier.probabilities(rows).argmax(1).tolist()
    (1.0, 1.0, [0, 0, 1, 1])
    """
    best: Chosen | None = None
    for strength in sorted(strengths):
        for weighing in class_weights:
            classifier = _fit(train, train_labels, strength, weighing, n_classes)
            dev_ua = ua(dev_labels, classifier.probabilities(dev))
            if best is None or dev_ua > best.dev_ua:
                best = Chosen(classifier, strength, weighing, dev_ua)
    assert best is not None, "the model refuses empty lists"
    return best


def ua(labels: Labels, probabilities: Floats) -> float:
    """UA of the most probable classes."""
    return float(unweighted_accuracy(confusion_matrix(labels, probabilities.argmax(1), probabilities.shape[1])))


def _fit(rows: Any, labels: Labels, strength: float, weighing: str, n_classes: int) -> LinearClassifier:
    regression = LogisticRegression(C=strength, class_weight=None if weighing == "none" else weighing, max_iter=5000)
    with threadpool_limits(1):  # several threads only wait for each other here, and round otherwise
        regression.fit(rows, labels)
    weights, bias = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:  # scikit-learn keeps the difference of the two
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    every_weight, every_bias = np.zeros((n_classes, weights.shape[1])), np.full(n_classes, -np.inf)
    every_weight[regression.classes_], every_bias[regression.classes_] = weights, bias
    return LinearClassifier(every_weight, every_bias)
