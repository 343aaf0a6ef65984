"""Intervals of WA and UA that hold for new speakers: a bootstrap over speakers, not over utterances.

Utterances of one speaker resemble each other, so resampling them one by one gives intervals that are too narrow. Here
whole speakers are drawn with replacement, with all their utterances (and all seeds of these), as a "cluster bootstrap"
(Field & Welsh, "Bootstrapping clustered data", J. R. Stat. Soc. B 69, 2007).
"""

from collections.abc import Sequence
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


def speaker_weights(n_speakers: int, n_resamples: int = N_RESAMPLES, seed: int = SEED) -> NDArray[np.int64]:
    """How often each speaker is drawn in each resample: ``[n_resamples, n_speakers]``, every row sums to n_speakers."""
    share = np.full(n_speakers, 1 / n_speakers)
    return np.random.default_rng(seed).multinomial(n_speakers, share, size=n_resamples)


def resample(confusions: ArrayLike, weights: ArrayLike) -> Floats:
    """The confusion matrix of every resample.

    Parameters
    ----------
    confusions
        ``[n_speakers, K, K]``
    weights
        ``[n_resamples, n_speakers]``

    Returns
    -------
    array ``[n_resamples, K, K]``
    """
    return np.tensordot(np.asarray(weights, np.float64), np.asarray(confusions, np.float64), axes=1)


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
    resampled = resample(confusions, speaker_weights(n_speakers, n_resamples, seed))
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
