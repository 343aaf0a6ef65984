"""When a trial is ended early."""

from types import SimpleNamespace

import pytest

from mtser.tuning.pruning import FIRST, WARM_UP, falls_behind
from mtser.tuning.trials import reports

LIMIT = 50


def steps(*folds: float) -> dict[int, float]:
    """A trial whose folds are at once as good as they get, and end after twenty epochs."""
    told = [SimpleNamespace(scores=[best] * 20, finished=True) for best in folds]
    return dict(reports(SimpleNamespace(folds=told), LIMIT))  # type: ignore[arg-type]


OTHERS = [steps(0.62, 0.70, 0.55, 0.49, 0.41)] * FIRST


def test_an_easy_first_fold_protects_nobody() -> None:
    assert falls_behind(steps(0.62, 0.70, 0.25), OTHERS, LIMIT)
    assert not falls_behind(steps(0.62, 0.70, 0.56), OTHERS, LIMIT)
    assert falls_behind(steps(0.61), OTHERS, LIMIT)


def test_the_beginning_of_a_fold_is_not_judged() -> None:
    reached = steps(0.62, 0.1)
    early = {step: value for step, value in reached.items() if step <= LIMIT + WARM_UP}
    assert not falls_behind(early, OTHERS, LIMIT)
    assert falls_behind({**early, LIMIT + WARM_UP + 1: reached[LIMIT + WARM_UP + 1]}, OTHERS, LIMIT)


def test_others_that_ended_sooner_count_with_their_last_value() -> None:
    late = {LIMIT: 0.61}  # the others stopped at their twentieth epoch
    assert falls_behind(late, OTHERS, LIMIT) and not falls_behind({LIMIT: 0.63}, OTHERS, LIMIT)


@pytest.mark.parametrize("n_others", [0, FIRST - 1])
def test_the_first_trials_run_to_their_end(n_others: int) -> None:
    assert not falls_behind(steps(0.1), OTHERS[:n_others], LIMIT)
    assert not falls_behind({}, OTHERS, LIMIT)
