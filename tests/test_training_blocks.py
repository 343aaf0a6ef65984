"""The ways of training in hparams/blocks/training that belong to the frame-level systems."""

import math

import pytest
import torch

from mtser.configuration import Hyperparameters
from mtser.training import CrossEntropy, SigmoidCrossEntropy, TrainingPlan
from tests.helpers.systems import HPARAMS


def plan_of(system: str, block: str | None = None) -> TrainingPlan:
    overrides = {"training": f"blocks/training/{block}.yaml"} if block else {}
    return Hyperparameters(HPARAMS / f"{system}.yaml", overrides).build()["training"]


def test_long_rows_are_trained_in_the_common_way_but_for_their_batches() -> None:
    common = Hyperparameters(HPARAMS / "mdre.yaml").flat()
    other = Hyperparameters(HPARAMS / "lstm_attn.yaml").flat()
    of_training = [name for name in (*common, *other) if name.startswith("training")]
    assert {name for name in of_training if common.get(name) != other.get(name)} == {"training.bucketing"}
    assert (common["training.bucketing"], other["training.bucketing"]) == (8, 16)


def test_without_penalties_is_the_common_way_but_for_them() -> None:
    common, other = (
        Hyperparameters(HPARAMS / "full.yaml", {"training": f"blocks/training/{name}.yaml"}).flat()
        for name in ("paper", "without_penalties")
    )
    assert {name for name in (*common, *other) if common.get(name) != other.get(name)} == {
        "training.penalty.l1",
        "training.penalty.l2",
    }
    assert plan_of("full_tuned").penalty(torch.nn.Linear(3, 3)) == 0.0


@pytest.mark.parametrize(
    ("system", "block", "loss", "clip_norm", "clip_value"),
    [
        ("mdre", "mdre", SigmoidCrossEntropy, 0.0, 10.0),
        ("mdrea", "mdre", SigmoidCrossEntropy, 0.0, 10.0),
        ("mha2", "mha", CrossEntropy, 1.0, 0.0),
        ("lstm_attn", "lstm_attn", CrossEntropy, 3.0, 0.0),
    ],
)
def test_as_the_originals_were_trained(
    system: str, block: str, loss: type, clip_norm: float, clip_value: float
) -> None:
    plan = plan_of(system, block)
    optimizer = plan.optimizer([torch.nn.Parameter(torch.ones(1))])
    schedule = plan.schedule(optimizer)
    optimizer.step()
    schedule.step()
    assert type(optimizer) is torch.optim.Adam and math.isclose(optimizer.param_groups[0]["lr"], 0.001)
    assert type(plan.loss) is loss and (plan.clip_norm, plan.clip_value) == (clip_norm, clip_value)
    assert plan.penalty(torch.nn.Linear(3, 3)) == 0.0
    assert plan_of(system).bucketing == plan.bucketing
