"""Is one model better than another? A paired test on the same utterances.

The main test is a **permutation test over speakers**: if the two models were alike, each speaker's predictions could
as well have come from the other one, so the signs of whole speakers' differences are flipped, in all 2^S ways where
these are few, else at random. It needs no assumption about how the utterances of a speaker depend on each other, and it
is exact for the ten speakers of IEMOCAP, where a bootstrap's p-value is not. **McNemar's** exact test of WA is given
beside it, since papers quote it; it takes utterances as independent and is therefore too sure of itself. The interval
of the difference is a bootstrap over speakers (the same resamples for both models).

What the test says is of the **trained models**: would they differ on other speakers, too? It is not of the systems
trained anew. Speakers whom one model tests share its luck of training, which flips their signs together, while the
test flips each alone; so p is too small wherever models differ by luck (:mod:`mtser.evaluation.luck`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mtser.errors import EvaluationError
from mtser.evaluation.intervals import (
    FEW_SPEAKERS,
    SEED,
    blocks,
    different_rows,
    few_speakers,
    percentile_interval,
    resample,
    speaker_confusions,
)
from mtser.evaluation.luck import SAME_MODELS, one_seed, same_models
from mtser.evaluation.metrics import Floats, unweighted_accuracy, weighted_accuracy
from mtser.evaluation.predictions import Predictions

N_PERMUTATIONS = 16_384  # 2^14: up to 14 speakers every permutation is tried


@dataclass(frozen=True, slots=True)
class Difference:
    """``first - second`` in one measure: its value, its 95 % interval over speakers and the permutation test's p."""

    value: float
    ci95: tuple[float, float] | None
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the same utterances.

    Parameters
    ----------
    wa, ua
        The differences, first minus second.
    mcnemar_p
        McNemar's exact p of WA; None with several seeds, where an utterance has no single answer.
    n_utterances, n_speakers
        What the comparison rests on.
    warnings
        Sentences to show beside it.
    """

    wa: Difference
    ua: Difference
    mcnemar_p: float | None
    n_utterances: int
    n_speakers: int
    warnings: tuple[str, ...]


def compare(
    first: Predictions,
    second: Predictions,
    speakers: Mapping[str, str],
    *,
    folds_hashes: tuple[str, str] | None = None,
) -> Comparison:
    """Compare two models; each may have several seeds, over which its confusion matrices are averaged.

    Parameters
    ----------
    speakers
        Utterance id → speaker.
    folds_hashes
        ``Folds.hash()`` of both runs, where known: folds with equal test parts may have trained on different ones.

    Raises
    ------
    EvaluationError
        If classes, utterances, folds or true classes differ.

    Example
    -------
    >>> def model(*answers):
    ...     sure = np.eye(2)[list(answers)]
    ...     return Predictions("abcd", ["f"] * 4, [1] * 4, [0, 1, 0, 1], answers, sure, ("sad", "angry"))
    >>> result = compare(model(0, 1, 0, 1), model(0, 0, 1, 1), {"a": "A", "b": "A", "c": "B", "d": "B"})
    >>> result.ua.value, result.ua.p, result.mcnemar_p
    (0.5, 0.5, 0.5)
    """
    _refuse_unlike(first, second, folds_hashes)
    ids = first.utterances[: len(first) // len(first.seed_values())]
    a, b = (
        speaker_confusions(one.truth, one.prediction, speakers_of(one, speakers), len(one.classes))
        / len(one.seed_values())
        for one in (first, second)
    )
    n_speakers = len(a)
    # Both models have the same truth, so a speaker's share in a difference is fixed, whichever model is called first.
    hits = np.diagonal(a - b, axis1=1, axis2=2)
    support = a.sum((0, 2))
    present = support > 0
    shares = np.stack([hits.sum(1) / support.sum(), (hits[:, present] / support[present]).mean(1)], axis=1)
    p_wa, p_ua = _sign_flip_p(shares)
    intervals: list[tuple[float, float] | None] = [None, None]
    if n_speakers > 1:
        resampled = resample(np.stack([a, b], axis=1))
        intervals = [
            percentile_interval(measure(resampled[:, 0]) - measure(resampled[:, 1]))
            for measure in (weighted_accuracy, unweighted_accuracy)
        ]
    warnings = []
    if n_speakers < FEW_SPEAKERS:
        warnings.append(few_speakers(n_speakers))
    if n_speakers < 6:
        warnings.append(f"With {n_speakers} speakers the smallest p that can come out is {2 / 2**n_speakers:.3g}.")
    if 1 in (len(first.seed_values()), len(second.seed_values())):
        warnings.append(one_seed())
    if same_models(first.folds, speakers_of(first, speakers)):
        warnings.append(SAME_MODELS)
    wa, ua = shares.sum(0)
    return Comparison(
        Difference(float(wa), intervals[0], p_wa),
        Difference(float(ua), intervals[1], p_ua),
        _mcnemar_p(first, second),
        len(ids),
        n_speakers,
        tuple(warnings),
    )


def speakers_of(predictions: Predictions, speakers: Mapping[str, str]) -> list[str]:
    """The speaker of each row.

    Raises
    ------
    EvaluationError
        If an utterance has none.
    """
    try:
        return [speakers[id] for id in predictions.utterances]
    except KeyError as error:
        raise EvaluationError(
            f"The utterance {error} has predictions but no speaker: is it the same corpus?"
        ) from error


def _refuse_unlike(first: Predictions, second: Predictions, folds_hashes: tuple[str, str] | None) -> None:
    if first.classes != second.classes:
        raise EvaluationError(
            f"The models have different classes ({', '.join(first.classes)} against {', '.join(second.classes)})."
        )
    if not len(first) or not len(second):
        raise EvaluationError("A model without predictions cannot be compared.")
    if folds_hashes and folds_hashes[0] != folds_hashes[1]:
        raise EvaluationError("The models were trained and tested on different folds; run one of them again.")
    expected = first.items(first.seed_values()[0])
    for one in (first, second):
        for seed in one.seed_values():
            found = one.items(seed)
            if different := sorted(expected.keys() ^ found.keys()):
                raise EvaluationError(
                    f"The models were not tested on the same utterances: {len(different)} are on one side only "
                    f"(the first: {different[0]})."
                )
            if unlike := [id for id in expected if expected[id] != found[id]]:
                raise EvaluationError(
                    f"The utterance {unlike[0]} has (fold, class) {expected[unlike[0]]} in one and {found[unlike[0]]} "
                    "in the other; compare runs of the same corpus, protocol and folds."
                )


def _sign_flip_p(shares: Floats) -> tuple[float, float]:
    """Two-sided p of the columns' sums when the signs of the rows ``[n_speakers, 2]`` may be flipped."""
    n = len(shares)
    exact = n < 64 and 2**n <= N_PERMUTATIONS
    kinds, n_alike = different_rows(shares)
    counts = np.zeros(2, np.int64)
    generator = np.random.default_rng(SEED)
    for rows in blocks(2**n if exact else N_PERMUTATIONS, len(kinds)):
        if exact:
            flipped = (np.arange(rows.start, rows.stop)[:, None] >> np.arange(n)) & 1
        elif len(kinds) == n:
            flipped = generator.integers(0, 2, (rows.stop - rows.start, n))
        else:
            flipped = generator.binomial(n_alike, 0.5, (rows.stop - rows.start, len(kinds)))  # of those that are alike
        counts += (np.abs((n_alike - 2.0 * flipped) @ kinds) >= np.abs(shares.sum(0)) - 1e-12).sum(0)
    # A random draw counts the observed signs as one more, so that p is never zero (Phipson & Smyth 2010).
    p = counts / 2**n if exact else (counts + 1) / (N_PERMUTATIONS + 1)
    return float(p[0]), float(p[1])


def _mcnemar_p(first: Predictions, second: Predictions) -> float | None:
    """The exact two-sided binomial test on the utterances that only one of the two models has right."""
    if len(first.seed_values()) > 1 or len(second.seed_values()) > 1:
        return None
    right = [
        {id for id, hit in zip(one.utterances, one.truth == one.prediction, strict=True) if hit}
        for one in (first, second)
    ]
    fewer, more = sorted((len(right[0] - right[1]), len(right[1] - right[0])))
    n = fewer + more
    ways = total = 1  # to have k of n: each from the one before, exactly
    for k in range(fewer):
        ways = ways * (n - k) // (k + 1)
        total += ways
    return min(1.0, 2 * total / 2**n)
