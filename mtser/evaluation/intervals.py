"""Intervals of WA and UA that hold for new speakers: a bootstrap over speakers, not over utterances.

Utterances of one speaker resemble each other, so resampling them one by one gives intervals that are too narrow. Here
whole speakers are drawn with replacement, with all their utterances (and all seeds of these), as a "cluster bootstrap"
(Field & Welsh, "Bootstrapping clustered data", J. R. Stat. Soc. B 69, 2007).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtser.errors import EvaluationError
from mtser.evaluation.metrics import Floats, grouped_confusion_matrices, unweighted_accuracy, weighted_accuracy

# Below this many, percentile intervals hold the true value visibly less often than they say: in simulations (speakers
# of 58 to 82 % accuracy) in 95 % of the cases with 40 speakers, 93 % with 20, 90 % with 10, 82 % with 5.
FEW_SPEAKERS = 20
N_RESAMPLES = 10_000
SEED = 0  # of the resampling: the same predictions have the same interval
AT_ONCE = 1 << 23  # numbers that are drawn at once: 64 MB
_EACH_BY_ITSELF = 5000  # speakers


@dataclass(frozen=True, slots=True)
class Intervals:
    """Percentile intervals of WA and UA.

    Parameters
    ----------
    wa, ua
        Lower and upper end; None with fewer than two speakers.
    n_speakers
        How many speakers were resampled.
    warnings
        Sentences to show beside the intervals.
    """

    wa: tuple[float, float] | None
    ua: tuple[float, float] | None
    n_speakers: int
    warnings: tuple[str, ...] = ()


def speaker_confusions(
    truth: ArrayLike, prediction: ArrayLike, speakers: Sequence[str], n_classes: int
) -> NDArray[np.int64]:
    """One confusion matrix a speaker.

    Parameters
    ----------
    truth, prediction
        Class indices ``[n]``.
    speakers
        Who said it, ``n`` names.

    Returns
    -------
    array ``[n_speakers, K, K]``
        In the order of the speakers' names.
    """
    names, index = np.unique(np.asarray(speakers, dtype=object).astype(str), return_inverse=True)
    return grouped_confusion_matrices(truth, prediction, index, len(names), n_classes)


def resample(
    confusions: ArrayLike, n_resamples: int = N_RESAMPLES, seed: int = SEED, *, at_once: int = AT_ONCE
) -> Floats:
    """The confusion matrix of every resample: so many speakers as there are, drawn with replacement.

    Parameters
    ----------
    confusions
        ``[n_speakers, ..., K, K]``: one matrix a speaker, or several, of different models, for which the same speakers
        are drawn.
    n_resamples, seed
        Of the drawing.
    at_once
        How many numbers are drawn at once; the result does not depend on it.

    Returns
    -------
    array ``[n_resamples, ..., K, K]``

    Example
    -------
    >>> resample([[[2, 0], [0, 2]], [[1, 1], [1, 1]]], n_resamples=3).sum((1, 2))
    array([8., 8., 8.])
    """
    confusions = np.asarray(confusions, np.float64)
    n_speakers, shape = len(confusions), confusions.shape[1:]
    kinds, n_alike = different_rows(confusions.reshape(n_speakers, -1))
    generator = np.random.default_rng(seed)
    resampled = np.empty((n_resamples, kinds.shape[1]))
    for rows in blocks(n_resamples, len(kinds), at_once):
        drawn = generator.multinomial(n_speakers, n_alike / n_speakers, size=rows.stop - rows.start)
        resampled[rows] = drawn @ kinds
    return resampled.reshape(n_resamples, *shape)


def different_rows(rows: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The different rows, and how often each is there: of very many speakers (each file one, say) most are alike.

    Of up to 5000 each is taken by itself, whether or not another is like it.

    Example
    -------
    >>> different_rows(np.ones((6000, 2)))
    (array([[1., 1.]]), array([6000]))
    """
    if len(rows) <= _EACH_BY_ITSELF:
        return rows, np.ones(len(rows), np.int64)
    return np.unique(rows, axis=0, return_counts=True)


def blocks(n: int, width: int, at_once: int = AT_ONCE) -> Iterator[slice]:
    """Portions of ``n`` rows of so many numbers, of at most ``at_once`` numbers each.

    Example
    -------
    >>> list(blocks(5, 10, at_once=20))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, at_once // max(1, width))
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


def bootstrap_intervals(
    confusions: ArrayLike, *, n_resamples: int = N_RESAMPLES, seed: int = SEED, level: float = 0.95
) -> Intervals:
    """Percentile bootstrap intervals over speakers.

    A resample that lacks a class has its UA over the classes it has.

    Parameters
    ----------
    confusions
        One matrix a speaker, ``[n_speakers, K, K]`` (:func:`speaker_confusions`); of several seeds: their sum.
    level
        The share of repetitions of the experiment whose interval is meant to hold the true value.

    Raises
    ------
    EvaluationError
        If a speaker has no utterance, or there is none at all.

    Example
    -------
    >>> import numpy as np
    >>> confusions = np.tile([[8, 2], [3, 7]], (30, 1, 1))
    >>> bootstrap_intervals(confusions)  # all speakers alike: no spread
    Intervals(wa=(0.75, 0.75), ua=(0.75, 0.75), n_speakers=30, warnings=())
    """
    confusions = np.asarray(confusions, np.float64)
    n_speakers = len(confusions)
    if not n_speakers or not confusions.sum((1, 2)).all():
        raise EvaluationError("Intervals need the predictions of at least one speaker, and every speaker's utterances.")
    if n_speakers < 2:
        return Intervals(None, None, 1, ("One speaker: no interval over speakers can be given.",))
    resampled = resample(confusions, n_resamples, seed)
    return Intervals(
        percentile_interval(weighted_accuracy(resampled), level),
        percentile_interval(unweighted_accuracy(resampled), level),
        n_speakers,
        (few_speakers(n_speakers),) if n_speakers < FEW_SPEAKERS else (),
    )


def percentile_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """The central share ``level`` of bootstrap values."""
    low, high = np.quantile(np.asarray(values, np.float64), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def few_speakers(n_speakers: int) -> str:
    """The warning of intervals that rest on few speakers."""
    return (
        f"The intervals rest on {n_speakers} speakers (fewer than {FEW_SPEAKERS}): take them as too narrow, the true "
        "value of new speakers may well lie outside."
    )
