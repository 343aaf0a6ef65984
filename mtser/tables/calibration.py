"""Are a system's probabilities what they say? Reliability bins and the expected calibration error."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mtser.evaluation import Predictions
from mtser.evaluation.metrics import Floats

N_BINS = 10
DEFINITION = (
    "Confidence is the probability that a system gives to the class it answers. The answers are put into "
    f"{N_BINS} bins of equal width by confidence; ECE, the expected calibration error, is the sum over the bins of "
    "(share of all answers) × |share of right answers − mean confidence|. 0 is perfect. The answers of all seeds go "
    "into the same bins: each answer is of one model, probabilities are not averaged over seeds (that would be another "
    "system, an ensemble). Beside it stands the mean ± std of each seed's own ECE, which is the larger the fewer the "
    "answers."
)


@dataclass(frozen=True, eq=False)
class Calibration:
    """How confidence and accuracy agree.

    Parameters
    ----------
    counts
        Answers in each bin, ``[N_BINS]``; bin k holds the confidences from ``k / N_BINS`` (exclusive, but for 0) to
        ``(k + 1) / N_BINS``.
    confidence, accuracy
        Their means in each bin, ``[N_BINS]``; NaN in an empty bin.
    ece
        Of all answers.
    per_seed
        The ECE of each seed by itself.
    """

    counts: NDArray[np.int64]
    confidence: Floats
    accuracy: Floats
    ece: float
    per_seed: tuple[float, ...]

    @property
    def overconfidence(self) -> float:
        """Mean confidence minus accuracy over all answers: above 0 if the system is too sure of itself."""
        full = self.counts > 0
        return float(((self.confidence - self.accuracy)[full] * self.counts[full]).sum() / self.counts.sum())


def calibrate(predictions: Predictions) -> Calibration:
    """The calibration of a system.

    Parameters
    ----------
    predictions
        Of one or more seeds.

    Example
    -------
    >>> sure = [[0.9, 0.1], [0.9, 0.1]]
    >>> one = Predictions(["u1", "u2"], ["f", "f"], [1, 1], [0, 1], [0, 0], sure, ("sad", "angry"))
    >>> round(calibrate(one).ece, 3)  # 0.9 sure, half of it right
    0.4
    """
    probabilities = np.asarray(predictions.probabilities, np.float64)
    confidence = np.take_along_axis(probabilities, predictions.prediction[:, None], 1)[:, 0]
    right = predictions.truth == predictions.prediction
    seeds = [predictions.seeds == seed for seed in predictions.seed_values()]
    per_seed = [_bins(confidence[rows], right[rows])[3] for rows in seeds]
    return Calibration(*_bins(confidence, right), per_seed=tuple(per_seed))


def _bins(confidence: Floats, right: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Floats, Floats, float]:
    bins = np.clip(np.ceil(confidence * N_BINS).astype(np.int64) - 1, 0, N_BINS - 1)
    counts = np.bincount(bins, minlength=N_BINS)
    sums = np.stack([np.bincount(bins, weights=values, minlength=N_BINS) for values in (confidence, right)])
    gaps = np.abs(sums[0] - sums[1])
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return counts, means[0], means[1], float(gaps.sum() / counts.sum())
