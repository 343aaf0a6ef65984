"""Seeds as one model: the mean of their probabilities."""

import numpy as np
import pytest

from mtser.errors import EvaluationError
from mtser.evaluation import Predictions, ensemble, join, seeds_alike

CLASSES = ("angry", "happy", "sad")


def of_seed(seed: int, n: int = 30, utterances: range | None = None) -> Predictions:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet([1, 1, 1], n)
    truth = np.random.default_rng(0).integers(3, size=n)
    ids = [f"u{i:02d}" for i in (utterances or range(n))]
    order = random.permutation(n)  # of no meaning
    return Predictions(
        [ids[i] for i in order], [f"fold{i % 3}" for i in order], np.full(n, seed), truth[order],
        probabilities[order].argmax(1), probabilities[order], CLASSES,
    )  # fmt: skip


def test_the_mean_of_each_utterance_by_hand() -> None:
    seeds = [of_seed(seed) for seed in (4, 2, 9)]
    found = ensemble(join(seeds))
    assert len(found) == 30 and found.seed_values() == (2,)
    for row, id in enumerate(found.utterances):
        each = [one.probabilities[one.utterances.index(id)].astype(np.float64) for one in seeds]
        np.testing.assert_allclose(found.probabilities[row], sum(each) / 3, rtol=1e-6)
        assert found.prediction[row] == int(np.argmax(sum(each)))
        assert found.truth[row] == seeds[0].truth[seeds[0].utterances.index(id)]
        assert found.folds[row] == seeds[0].folds[seeds[0].utterances.index(id)]


def test_one_seed_stays_as_it_is() -> None:
    one = of_seed(1)
    np.testing.assert_array_equal(ensemble(one).prediction, one.prediction)


def test_seeds_that_gave_the_same_answers() -> None:
    one = of_seed(1)
    again = Predictions(
        one.utterances, one.folds, np.full(30, 2), one.truth, one.prediction, one.probabilities, one.classes
    )
    assert seeds_alike(join([one, again]))
    assert not seeds_alike(one) and not seeds_alike(join([one, of_seed(2)]))


def test_seeds_on_other_utterances_cannot_be_averaged() -> None:
    with pytest.raises(EvaluationError, match="not tested on the same utterances"):
        ensemble(join([of_seed(1), of_seed(2, utterances=range(5, 35))]))
