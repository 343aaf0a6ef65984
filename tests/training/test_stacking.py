"""Late stacking: against scikit-learn step by step, and whether anything leaks into it."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVR

from mtser.errors import ConfigError, ModelError
from mtser.outputs import Outputs
from mtser.training import LateStacking

N_DEV, N_TEST = 40, 15
RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 3, N_DEV + N_TEST)
RATINGS = np.stack([LABELS + RANDOM.normal(0, 0.5, N_DEV + N_TEST) + shift for shift in (1, 2, 3)], axis=1)


def branch(noise: float, seed: int, rows: slice) -> torch.Tensor:
    random = np.random.default_rng(seed)
    return torch.from_numpy(0.4 * RATINGS + random.normal(0, noise, RATINGS.shape))[rows].float()


def outputs(rows: slice) -> Outputs:
    return Outputs(attributes=branch(9.0, 3, rows), branches={"a": branch(0.2, 1, rows), "t": branch(0.3, 2, rows)})


DEV, TEST = slice(0, N_DEV), slice(N_DEV, None)


def scaled(values: np.ndarray, like: np.ndarray) -> np.ndarray:
    return (values - like.mean(0)) / (2 * like.std(0))


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
def test_attributes_as_by_hand(kernel: str) -> None:
    stack = LateStacking(kernel=kernel, C=3.0, gamma=0.3, epsilon=0.02).fit(outputs(DEV), RATINGS[DEV], LABELS[DEV], 3)
    found = stack.attributes(outputs(TEST))
    for k in range(3):
        dev, test = (
            np.stack([one.double().numpy()[:, k] for one in outputs(rows).branches.values()], 1) for rows in (DEV, TEST)
        )
        truth = RATINGS[DEV, k]
        machine = SVR(kernel=kernel, C=3.0, gamma=0.3, epsilon=0.02).fit(scaled(dev, dev), scaled(truth, truth))
        expected = machine.predict(scaled(test, dev)) * 2 * truth.std() + truth.mean()
        np.testing.assert_allclose(found[:, k], expected, rtol=1e-12)
        apart = np.abs(found[:, k] - RATINGS[TEST, k]).mean()
        assert apart < np.abs(test[:, 0] - RATINGS[TEST, k]).mean(), "it learned the scale that the branches lack"


def test_classes_as_by_hand() -> None:
    found = LateStacking().fit(outputs(DEV), RATINGS[DEV], LABELS[DEV], 3).probabilities(outputs(TEST))
    dev, test = (
        np.concatenate([one.double().numpy() for one in outputs(rows).branches.values()], 1) for rows in (DEV, TEST)
    )
    machine = LogisticRegression(max_iter=1000).fit(scaled(dev, dev), LABELS[DEV])
    np.testing.assert_allclose(found, machine.predict_proba(scaled(test, dev)), rtol=1e-12)
    assert (found.argmax(1) == LABELS[TEST]).mean() > 0.6


def test_unrated_utterances_are_left_out() -> None:
    ratings = RATINGS[DEV].copy()
    ratings[::3, 1] = np.nan
    rated = ~np.isnan(ratings[:, 1])
    stack = LateStacking().fit(outputs(DEV), ratings, LABELS[DEV], 3)
    fewer = outputs(DEV).map(lambda one: one[torch.from_numpy(rated)])
    other = LateStacking().fit(fewer, ratings[rated], LABELS[DEV][rated], 3)
    np.testing.assert_array_equal(stack.attributes(outputs(TEST))[:, 1], other.attributes(outputs(TEST))[:, 1])


def test_an_attribute_that_dev_does_not_rate_is_the_mean_of_the_branches() -> None:
    ratings = RATINGS[DEV].copy()
    ratings[:, 2], ratings[:, 1] = np.nan, 3.0
    found = LateStacking().fit(outputs(DEV), ratings, LABELS[DEV], 3).attributes(outputs(TEST))
    expected = torch.stack(list(outputs(TEST).branches.values())).double().mean(0).numpy()
    np.testing.assert_allclose(found[:, 1:], expected[:, 1:], rtol=1e-12)


def test_a_model_without_branches_is_its_only_branch() -> None:
    alone = Outputs(attributes=outputs(DEV).branches["a"]), Outputs(attributes=outputs(TEST).branches["a"])
    named = Outputs(branches={"x": alone[0].attributes}), Outputs(branches={"x": alone[1].attributes})  # type: ignore[dict-item]
    found, expected = (
        LateStacking().fit(dev, RATINGS[DEV], LABELS[DEV], 3).attributes(test) for dev, test in (alone, named)
    )
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(ModelError, match="the model tells none"):
        LateStacking().fit(Outputs(torch.zeros(N_DEV, 3)), RATINGS[DEV], LABELS[DEV], 3)


@pytest.mark.parametrize("present", [[0, 2], [1]])
def test_classes_that_dev_does_not_have_get_no_probability(present: list[int]) -> None:
    rows = np.isin(LABELS[DEV], present)
    dev = outputs(DEV).map(lambda one: one[torch.from_numpy(rows)])
    found = LateStacking().fit(dev, RATINGS[DEV][rows], LABELS[DEV][rows], 3).probabilities(outputs(TEST))
    assert found.shape == (N_TEST, 3)
    np.testing.assert_allclose(found.sum(1), 1.0)
    assert all((found[:, k] > 0).any() == (k in present) for k in range(3))


def test_options_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="rbf or linear"):
        LateStacking(kernel="poly")
    with pytest.raises(ConfigError, match="epsilon of the late stacking is -1"):
        LateStacking(epsilon=-1)
    with pytest.raises(ConfigError, match="greater than 0"):
        LateStacking(C=0.0)
