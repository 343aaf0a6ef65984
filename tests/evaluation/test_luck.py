"""The luck of training that speakers of one model share."""

import numpy as np
import pytest

from mtser.evaluation import compare, join
from mtser.evaluation.compare import _sign_flip_p
from mtser.evaluation.luck import SAME_MODELS, groups_without_a_common_model, one_seed, same_models
from tests.evaluation.test_compare import changed

SPEAKERS = [f"{sex}{session}" for session in range(5) for sex in "FM"]


@pytest.mark.parametrize(
    ("protocol", "groups"),
    [
        ("loso", 5),
        ("lospo", 10),
        ("speakers_5fold", 5),
        ("random_5fold", 1),
        ("official", 1),
    ],
)
def test_groups_of_speakers_that_share_no_model(protocol, groups):
    speakers = SPEAKERS * 20
    folds = {
        "loso": [one[1] for one in speakers],
        "lospo": speakers,
        "speakers_5fold": [str(SPEAKERS.index(one) % 5) for one in speakers],
        "random_5fold": np.random.default_rng(1).integers(0, 5, len(speakers)).astype(str).tolist(),
        "official": ["official"] * len(speakers),
    }[protocol]
    assert groups_without_a_common_model(folds, speakers) == groups
    assert same_models(folds, speakers) == (groups == 1)


def test_groups_that_a_later_fold_joins():
    assert groups_without_a_common_model(list("1234455"), list("abccdda")) == 2  # a, c and d; b
    assert not same_models(["1", "2"], ["a", "a"])  # of one speaker nothing can be said


def test_a_comparison_tells_it(make_predictions):
    first, speakers = make_predictions(1, n_speakers=25)
    second, _ = make_predictions(2, n_speakers=25)
    assert compare(first, second, speakers).warnings == (one_seed(),)
    both = [join([one, changed(one, seeds=one.seeds + 5)]) for one in (first, second)]
    assert compare(*both, speakers).warnings == ()
    assert compare(both[0], second, speakers).warnings == (one_seed(),)
    mixed = [changed(one, folds=["all"] * len(one)) for one in both]
    assert compare(*mixed, speakers).warnings == (SAME_MODELS,)


def found_where_nothing_is(luck, shared, n_seeds, times=300):
    """How often p is below 0.05 for two systems that are alike, at the size of IEMOCAP.

    ``luck`` is the standard deviation of WA over seeds; ``shared`` says whether five models test all speakers, or each
    those of a session.
    """
    draw = np.random.default_rng(7)
    n_found = 0
    for _ in range(times):
        shares = np.zeros(10)
        for sign in [1, -1] * n_seeds:
            right = 0.6 + draw.normal(0, luck * 5**0.5, 5)
            by_speaker = draw.binomial(110, right, (10, 5)).sum(1) if shared else draw.binomial(550, right.repeat(2))
            shares += sign * by_speaker / (5500 * n_seeds)
        n_found += _sign_flip_p(shares[:, None].repeat(2, 1))[0] < 0.05
    return n_found / times


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_p_does_not_know_the_luck(n_seeds):
    """The numbers of docs/protocols.md."""
    assert found_where_nothing_is(0, shared=True, n_seeds=n_seeds) < 0.09
    for luck, loso, random in ((0.01, (0.06, 0.16), (0.15, 0.3)), (0.04, (0.12, 0.24), (0.62, 0.8))):
        assert loso[0] < found_where_nothing_is(luck, shared=False, n_seeds=n_seeds) < loso[1]
        assert random[0] < found_where_nothing_is(luck, shared=True, n_seeds=n_seeds) < random[1]
