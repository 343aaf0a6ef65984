"""Checks of numbers."""

import pytest

from mtser.checks import check_number, check_whole_number
from mtser.errors import ConfigError
from mtser.training import CrossEntropy, Penalty
from mtser.training.plan import TrainingPlan


@pytest.mark.parametrize("value", [0, 1, 0.5, 1e-4])
def test_numbers_pass(value: float) -> None:
    check_number("x", value, most=1.0)


@pytest.mark.parametrize("value", [-1, -1e-9, float("nan"), float("inf"), "1", None, True, [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ConfigError, match=r"^x is .*; it has to be a number from 0 on\.$"):
        check_number("x", value)


def test_the_greatest_number() -> None:
    with pytest.raises(ConfigError, match=r"^x is 1\.5; it has to be a number from 0 to 1\.$"):
        check_number("x", 1.5, most=1.0)


@pytest.mark.parametrize("value", [0, -1, 1.0, "1", None, True])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    check_whole_number("n", 1)
    with pytest.raises(ConfigError, match=r"^n is .*; it has to be a whole number from 1 on\.$"):
        check_whole_number("n", value)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: Penalty(l1="x"), "l1"),  # type: ignore[arg-type]
        (lambda: Penalty(l2=-1), "l2"),
        (lambda: CrossEntropy(label_smoothing=2), "label_smoothing"),
        (lambda: CrossEntropy(class_weights=[1, "x"]), "class_weights"),  # type: ignore[list-item]
        (lambda: CrossEntropy(class_weights=3), "class_weights"),  # type: ignore[arg-type]
        (lambda: plan(patience=0), "patience"),
        (lambda: plan(bucketing="x"), "bucketing"),
        (lambda: plan(clip_norm=-1), "clip_norm"),
    ],
)
def test_the_training_block_checks_its_numbers(make, name: str) -> None:  # noqa: ANN001
    with pytest.raises(ConfigError, match=name):
        make()


def plan(**options: object) -> TrainingPlan:
    return TrainingPlan(optimizer=None, schedule=None, loss=CrossEntropy(), penalty=Penalty(), **options)  # type: ignore[arg-type]
