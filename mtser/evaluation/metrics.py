"""WA, UA and macro F1, all from confusion matrices, so that a thousand of them cost one call.

A matrix always has the shape ``[K, K]`` of the corpus's classes, whatever was observed; rows are the truth. Leading
dimensions are allowed everywhere (``[resamples, K, K]``). scikit-learn's ``confusion_matrix``, ``recall_score`` and
``f1_score`` with ``labels=`` give the same numbers, one matrix at a time (the tests compare them).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtser.errors import EvaluationError

Floats = NDArray[np.float64]


def confusion_matrix(truth: ArrayLike, prediction: ArrayLike, n_classes: int) -> NDArray[np.int64]:
    """Count the utterances of each true class (rows) given to each class (columns).

    Parameters
    ----------
    truth, prediction
        Class indices ``[n]``, from 0 to ``n_classes - 1``.

    Returns
    -------
    array ``[K, K]``

    Raises
    ------
    EvaluationError
        If the two differ in length or an index is out of range.

    Example
    -------
    >>> confusion_matrix([0, 0, 2], [0, 2, 2], 3).tolist()
    [[1, 0, 1], [0, 0, 0], [0, 0, 1]]
    """
    return grouped_confusion_matrices(truth, prediction, np.zeros(np.shape(truth), np.int64), 1, n_classes)[0]


def grouped_confusion_matrices(
    truth: ArrayLike, prediction: ArrayLike, group: ArrayLike, n_groups: int, n_classes: int
) -> NDArray[np.int64]:
    """One confusion matrix a group (a speaker, a fold) in one pass; see :func:`confusion_matrix`.

    Parameters
    ----------
    group
        Group indices ``[n]``, from 0 to ``n_groups - 1``.

    Returns
    -------
    array ``[n_groups, K, K]``
    """
    truth, prediction, group = _indices(truth), _indices(prediction), _indices(group)
    if not truth.shape == prediction.shape == group.shape:
        raise EvaluationError(f"{truth.size} true classes, {prediction.size} predictions, {group.size} groups.")
    for name, index in (("truth", truth), ("prediction", prediction)):
        if index.size and (index.min() < 0 or index.max() >= n_classes):
            raise EvaluationError(f"The {name} has a class index outside 0 to {n_classes - 1}.")
    cell = (group * n_classes + truth) * n_classes + prediction
    return np.bincount(cell, minlength=n_groups * n_classes**2).reshape(n_groups, n_classes, n_classes)


def recall_per_class(confusion: ArrayLike) -> Floats:
    """Recall ``[..., K]`` of each class; NaN for a class that the truth does not have."""
    confusion = np.asarray(confusion, np.float64)
    return _divide(np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(-1))


def weighted_accuracy(confusion: ArrayLike) -> Any:
    """WA: the share of all utterances that is right. NaN without utterances.

    Example
    -------
    >>> float(weighted_accuracy([[3, 1], [0, 0]]))
    0.75
    """
    confusion = np.asarray(confusion, np.float64)
    return _divide(np.trace(confusion, axis1=-2, axis2=-1), confusion.sum((-2, -1)))


def unweighted_accuracy(confusion: ArrayLike) -> Any:
    """UA: the mean recall of the classes that the truth has (macro recall). NaN without utterances.

    Example
    -------
    >>> float(unweighted_accuracy([[3, 1, 0], [1, 1, 0], [0, 0, 0]]))
    0.625
    """
    return _mean_present(recall_per_class(confusion))


def macro_f1(confusion: ArrayLike) -> Any:
    """The mean F1 of the classes that the truth has. NaN without utterances.

    F1 of a class = 2 · hits / (how often it is true + how often it is predicted).
    """
    confusion = np.asarray(confusion, np.float64)
    support = confusion.sum(-1)
    f1 = _divide(2 * np.diagonal(confusion, axis1=-2, axis2=-1), support + confusion.sum(-2))
    return _mean_present(np.where(support > 0, f1, np.nan))


def _mean_present(values: Floats) -> Floats:
    """The mean over the last dimension without NaN; NaN (and no warning) where nothing is left."""
    present = ~np.isnan(values)
    return _divide(np.where(present, values, 0.0).sum(-1), present.sum(-1))


def _divide(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Divide, with NaN for a zero denominator."""
    numerator, denominator = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    return np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0)[()]


def _indices(values: ArrayLike) -> NDArray[np.int64]:
    return np.asarray(values, np.int64).reshape(-1)
