import random

import numpy as np
import pytest

from mtser.errors import EvaluationError
from mtser.evaluation import intervals
from mtser.evaluation.intervals import bootstrap_intervals, resample, speaker_confusions
from mtser.evaluation.metrics import unweighted_accuracy, weighted_accuracy


def simulated(random, n_speakers, each=30):
    """Confusion matrices of three classes of speakers who differ in how well they are recognised (about 0.7)."""
    confusions = np.zeros((n_speakers, 3, 3))
    for s in range(n_speakers):
        hit = np.clip(0.7 + 0.12 * random.normal(), 0, 1)
        for k in range(3):
            confusions[s, k] = random.multinomial(each, np.where(np.arange(3) == k, hit, (1 - hit) / 2))
    return confusions


def test_intervals_equal_a_slow_bootstrap_over_speakers():
    confusions = simulated(np.random.default_rng(3), 24)
    confusions[:20, 2] = 0  # some resamples lack class 2 wholly
    found = bootstrap_intervals(confusions)
    draw = random.Random(5)
    wa, ua = [], []
    for _ in range(4000):
        total = [[0.0] * 3 for _ in range(3)]
        for _ in range(24):
            one = confusions[draw.randrange(24)]
            for i in range(3):
                for j in range(3):
                    total[i][j] += one[i, j]
        rows = [row for row in enumerate(total) if sum(row[1])]
        wa.append(sum(total[k][k] for k in range(3)) / sum(map(sum, total)))
        ua.append(sum(row[k] / sum(row) for k, row in rows) / len(rows))
    np.testing.assert_allclose(found.wa, np.percentile(wa, [2.5, 97.5]), atol=0.004)
    np.testing.assert_allclose(found.ua, np.percentile(ua, [2.5, 97.5]), atol=0.004)
    assert found.n_speakers == 24 and found.warnings == ()


def test_resampling_adds_up_whole_speakers():
    confusions = simulated(np.random.default_rng(0), 4)
    weights = np.random.default_rng(2).multinomial(4, [0.25] * 4, size=50)
    slow = [sum(weights[r, s] * confusions[s] for s in range(4)) for r in range(50)]
    np.testing.assert_array_equal(resample(confusions, 50, seed=2), slow)
    np.testing.assert_array_equal(resample(confusions, 50, seed=2, at_once=12), slow)
    pairs = np.stack([confusions, 2 * confusions], axis=1)
    np.testing.assert_array_equal(resample(pairs, 50, seed=2), np.stack([slow, 2 * np.array(slow)], axis=1))


def test_very_many_speakers_that_are_alike_are_drawn_together(monkeypatch):
    """As where every file counts as a speaker."""
    right = np.repeat([[1, 0, 1, 0], [1, 0, 0, 1]], [300, 100], axis=0).reshape(-1, 2, 2)  # [n, truth] -> cells
    confusions = np.concatenate([right, right[:, ::-1]])
    one_by_one = bootstrap_intervals(confusions)
    monkeypatch.setattr(intervals, "_EACH_BY_ITSELF", 100)
    together = bootstrap_intervals(confusions)
    assert together.n_speakers == one_by_one.n_speakers == 800
    np.testing.assert_allclose([together.wa, together.ua], [one_by_one.wa, one_by_one.ua], atol=0.003)
    assert resample(confusions, 20).sum((1, 2)).tolist() == [confusions.sum()] * 20


def test_half_a_million_speakers_fit_into_memory():
    confusions = np.zeros((500_000, 2, 2))
    confusions[:250_000, 0, 0] = confusions[250_000:, 1, 0] = 1
    found = bootstrap_intervals(confusions)
    assert found.wa[0] < 0.5 < found.wa[1] and found.wa[1] - found.wa[0] < 0.01


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    random, covered, n = np.random.default_rng(7), np.zeros(2), 300
    for _ in range(n):
        found = bootstrap_intervals(simulated(random, 40), n_resamples=500)
        # Clipping at 1 moves the expected hit rate by less than 0.001.
        covered += [found.wa[0] <= 0.7 <= found.wa[1], found.ua[0] <= 0.7 <= found.ua[1]]
    assert (covered / n > 0.90).all() and (covered / n < 0.985).all()


def test_utterances_taken_as_independent_would_claim_too_much():
    confusions = simulated(np.random.default_rng(1), 24)
    over_speakers = bootstrap_intervals(confusions).wa
    share = weighted_accuracy(confusions.sum(0))
    binomial = 2 * 1.96 * np.sqrt(share * (1 - share) / confusions.sum())
    assert over_speakers[1] - over_speakers[0] > 1.5 * binomial


def test_seeds_of_the_same_speakers_do_not_narrow_the_interval():
    once = simulated(np.random.default_rng(4), 24)
    assert bootstrap_intervals(once) == bootstrap_intervals(5 * once)
    truth, prediction, speakers = [0, 1, 0, 1], [0, 1, 1, 1], ["B", "A", "B", "A"]
    two_seeds = speaker_confusions(truth * 2, prediction * 2, speakers * 2, 2)
    assert (two_seeds == 2 * speaker_confusions(truth, prediction, speakers, 2)).all() and len(two_seeds) == 2


def test_the_same_data_have_the_same_interval_and_few_speakers_a_warning():
    few = simulated(np.random.default_rng(4), 19)
    found = bootstrap_intervals(few)
    assert found == bootstrap_intervals(few) and "19 speakers" in found.warnings[0]
    assert found.ua[0] < unweighted_accuracy(few.sum(0)) < found.ua[1]


def test_one_speaker_has_no_interval_and_none_is_an_error():
    found = bootstrap_intervals(np.ones((1, 2, 2)))
    assert found.wa is None and found.ua is None and found.warnings
    for nobody in (np.zeros((0, 2, 2)), np.zeros((3, 2, 2))):
        with pytest.raises(EvaluationError):
            bootstrap_intervals(nobody)
