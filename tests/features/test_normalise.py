"""Mean and variance over frames, against plain loops in double precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtser.errors import ConfigError
from mtser.features import normalise as module
from mtser.features.normalise import group_mean_and_std, mean_and_std, normalise


def frames_of(seed: int, count: int, dimension: int = 5) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(random.normal(0, 100, dimension), 3, (count, dimension)).astype(np.float32)


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), n_groups=st.integers(1, 6), extra=st.integers(0, 50))
def test_groups_as_a_loop(seed: int, n_groups: int, extra: int) -> None:
    random = np.random.default_rng(seed)
    groups = random.permutation(np.concatenate([np.arange(n_groups), random.integers(0, n_groups, extra)]))
    values = frames_of(seed, len(groups))
    mean, std = group_mean_and_std(values, groups, n_groups)
    for group in range(n_groups):
        own = values[groups == group].astype(np.float64)
        np.testing.assert_allclose(mean[group], own.mean(axis=0), rtol=1e-12)
        expected = own.std(axis=0)
        expected[expected <= module._CONSTANT * np.abs(own.mean(axis=0))] = 1.0  # drawn alike to seven digits, or alone
        np.testing.assert_allclose(std[group], expected, rtol=1e-9)


def test_in_portions_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values, groups = frames_of(0, 1000), np.arange(1000) % 7
    at_once = group_mean_and_std(values, groups, 7)
    whole = normalise(values, "speaker", speaker=groups)
    monkeypatch.setattr(module, "_ROWS", 64)
    np.testing.assert_allclose(group_mean_and_std(values, groups, 7), at_once, rtol=1e-12)
    np.testing.assert_allclose(normalise(values, "speaker", speaker=groups), whole, rtol=1e-6)


def test_a_large_offset_does_not_cancel() -> None:
    values = (1e6 + np.random.default_rng(0).normal(0, 10.0, (100_000, 1))).astype(np.float32)
    mean, std = mean_and_std(values)
    np.testing.assert_allclose(mean, values.astype(np.float64).mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(std, values.astype(np.float64).std(axis=0), rtol=1e-9)


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e6])
def test_a_constant_dimension_becomes_zero(constant: float) -> None:
    values = frames_of(0, 5000, 2)
    values[:, 1] = constant
    assert mean_and_std(values)[1][1] == 1.0
    normal = normalise(values, "train", train=np.ones(5000, dtype=bool))
    assert np.abs(normal[:, 1]).max() < 1e-6
    np.testing.assert_allclose([normal[:, 0].mean(), normal[:, 0].std()], [0, 1], atol=1e-5)


def test_only_the_training_part_counts() -> None:
    values, train = frames_of(0, 100), np.arange(100) < 60
    normal = normalise(values, "train", train=train)
    values[~train] = 1e5
    assert np.array_equal(normalise(values, "train", train=train)[train], normal[train])
    np.testing.assert_allclose(normal[train].mean(axis=0), 0, atol=1e-5)


@pytest.mark.parametrize("by", ["speaker", "utterance"])
def test_each_group_by_itself(by: str) -> None:
    values, groups = frames_of(0, 90), np.random.default_rng(0).permutation(np.arange(90) % 3)
    normal = normalise(values, by, **{by: groups})
    assert normal.dtype == np.float32
    for group in range(3):
        np.testing.assert_allclose(normal[groups == group].mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(normal[groups == group].std(axis=0), 1, atol=1e-5)


def test_none_is_the_values_as_they_are() -> None:
    values = frames_of(0, 10)
    assert normalise(values, "none") is values


def test_what_cannot_be() -> None:
    with pytest.raises(ConfigError, match="train, speaker, utterance, none"):
        normalise(frames_of(0, 3), "session")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'speaker'"):
        normalise(frames_of(0, 3), "speaker")
    with pytest.raises(ValueError, match="needs a frame"):
        group_mean_and_std(frames_of(0, 3), np.array([0, 2, 2]), 3)
    with pytest.raises(ValueError, match="needs a frame"):
        mean_and_std(np.empty((0, 3)))
