"""How the learning rate falls."""

import functools

import pytest
import torch

from mtser.errors import ConfigError
from mtser.training.schedules import constant, cosine, inverse_square_root, inverse_time, make_schedule


def rates(schedule, steps: int, **options: float) -> list[float]:  # type: ignore[no-untyped-def]
    """The learning rates that the updates use."""
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.001)
    made, used = schedule(optimizer, **options), []
    for _ in range(steps):
        used.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        made.step()
    return used


@pytest.mark.parametrize("rate", [0.001, 0.5])
def test_inverse_time(rate: float) -> None:
    assert rates(inverse_time, 50, rate=rate) == pytest.approx([0.001 / (1 + rate * step) for step in range(50)], 1e-12)


def test_the_papers_rate_is_the_default_and_halves_after_a_thousand_steps() -> None:
    assert rates(inverse_time, 1001)[-1] == pytest.approx(0.0005)


def test_constant() -> None:
    assert set(rates(constant, 5)) == {0.001}


def test_a_resumed_schedule_continues() -> None:
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.001)
    schedule = inverse_time(optimizer, rate=0.5)
    for _ in range(3):
        optimizer.step()
        schedule.step()
    other = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.001)
    resumed = inverse_time(other, rate=0.5)
    other.load_state_dict(optimizer.state_dict())
    resumed.load_state_dict(schedule.state_dict())
    for one, its in ((optimizer, schedule), (other, resumed)):
        one.step()
        its.step()
    assert other.param_groups[0]["lr"] == optimizer.param_groups[0]["lr"] == pytest.approx(0.001 / 3)


@pytest.mark.parametrize("schedule", [constant, inverse_time])
def test_a_warm_up_grows_evenly_and_changes_nothing_behind_it(schedule) -> None:  # type: ignore[no-untyped-def]
    without, used = rates(schedule, 20), rates(schedule, 20, warmup=8)
    assert used[:8] == pytest.approx([(step + 1) / 8 * rate for step, rate in enumerate(without[:8])], 1e-12)
    assert used[8:] == without[8:]


def test_inverse_square_root() -> None:
    used = rates(inverse_square_root, 60, warmup=10)
    expected = [0.001 * min(step / 10, (10 / step) ** 0.5) for step in range(1, 61)]
    assert used == pytest.approx(expected, 1e-12) and max(used) == used[9] == pytest.approx(0.001)


def test_cosine() -> None:
    used = rates(cosine, 50, steps_per_epoch=10, epochs=4, floor=0.1)
    assert used[0] == 0.001 and used[20] == pytest.approx(0.00055) and used[40:] == pytest.approx([0.0001] * 10)
    assert used[:41] == sorted(used[:41], reverse=True)


def test_training_tells_a_schedule_the_updates_of_an_epoch() -> None:
    optimizer = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=1.0)
    made = make_schedule(functools.partial(cosine, epochs=1), optimizer, 2)
    optimizer.step()
    made.step()
    assert made.get_last_lr() == pytest.approx([0.5])
    assert make_schedule(constant, optimizer, 2).get_last_lr() == [1.0]


@pytest.mark.parametrize("option", [{"epochs": 0}, {"floor": 2.0}, {"warmup": -1}])
def test_bad_options(option: dict) -> None:
    with pytest.raises(ConfigError, match="of the schedule"):
        rates(cosine, 1, steps_per_epoch=1, **option)


@pytest.mark.parametrize("rate", [-1, float("nan"), "fast"])
def test_a_rate_that_is_none(rate: object) -> None:
    with pytest.raises(ConfigError, match="rate of the schedule is .*; it has to be a number from 0 on"):
        rates(inverse_time, 2, rate=rate)  # type: ignore[arg-type]
