"""Several seeds as one model: the mean of their probabilities."""

import numpy as np

from mtser.errors import EvaluationError
from mtser.evaluation.predictions import Predictions


def ensemble(predictions: Predictions) -> Predictions:
    """Average the probabilities of all seeds; the class is that of the greatest mean.

    Nothing is fitted, so no part of the data is used beside what each seed had.

    Parameters
    ----------
    predictions
        Of two or more seeds on the same utterances.

    Returns
    -------
    Predictions
        As of one model; its seed is the first of them.

    Raises
    ------
    EvaluationError
        If the seeds do not have the same utterances.

    Example
    -------
    >>> two = Predictions(["u", "u"], ["f", "f"], [1, 2], [1, 1], [0, 1], [[0.6, 0.4], [0.1, 0.9]], ("sad", "angry"))
    >>> one = ensemble(two)
    >>> one.prediction.tolist(), one.probabilities.tolist()
    ([1], [[0.35, 0.65]])
    """
    seeds = predictions.seed_values()
    if any(predictions.items(seed) != predictions.items(seeds[0]) for seed in seeds[1:]):
        raise EvaluationError("Seeds that were not tested on the same utterances and folds cannot be averaged.")
    first = predictions.select(predictions.seeds == seeds[0])
    # The rows of each seed stand in the same order: by fold, then by utterance.
    each = [predictions.select(predictions.seeds == seed).probabilities.astype(np.float64) for seed in seeds]
    mean = np.mean(each, axis=0)
    return Predictions(
        first.utterances, first.folds, first.seeds, first.truth, mean.argmax(1), mean.astype(np.float32), first.classes
    )


def ensemble_name(system: str, n_seeds: int) -> str:
    """The name of its row in tables: ``full (ensemble of 3 seeds)``."""
    return f"{system} (ensemble of {n_seeds} seeds)"


def seeds_alike(predictions: Predictions) -> bool:
    """Whether there are several seeds, and all gave the same answers: nothing is drawn by chance then.

    Example
    -------
    >>> seeds_alike(Predictions(["u", "u"], ["f", "f"], [1, 2], [1, 1], [0, 0], [[0.6, 0.4]] * 2, ("sad", "angry")))
    True
    """
    seeds = predictions.seed_values()
    first, *others = [predictions.select(predictions.seeds == seed).probabilities for seed in seeds]
    return bool(others) and all(np.array_equal(first, one) for one in others)
