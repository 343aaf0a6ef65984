"""How the learning rate falls."""

import pytest
import torch

from mtser.training.schedules import constant, inverse_time


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
