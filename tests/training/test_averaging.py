"""Averaged weights: against plain loops; what is judged, what is kept, what goes on."""

from pathlib import Path

import pytest
import torch
from speechbrain import Stage
from torch import nn

from mtser.errors import ConfigError
from mtser.training import WeightAverage
from tests.training.test_brain import brain_of, fit, system


def trace(how: WeightAverage, n_updates: int = 12, per_epoch: int = 3) -> tuple[list[float], list[float]]:
    """The weights after each update, and what the average is after each epoch."""
    layer = nn.Linear(1, 1, bias=False).double()
    average = how.of(layer)
    weights, averages = [layer.weight.item()], []
    for update in range(n_updates):
        nn.init.constant_(layer.weight, (update * 7) % 5)
        weights.append(layer.weight.item())
        average.after_update()
        if update % per_epoch == per_epoch - 1:
            average.after_epoch(update // per_epoch + 1)
            with average.in_place():
                averages.append(layer.weight.item())
            assert layer.weight.item() == weights[-1]
    return weights, averages


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.999])
def test_ema_as_the_slow_loop(decay: float) -> None:
    weights, averages = trace(WeightAverage("ema", decay=decay))
    expected = [weights[0]]
    for n, weight in enumerate(weights[1:], 1):
        d = min(decay, (1 + n) / (10 + n))
        expected.append(d * expected[-1] + (1 - d) * weight)
    assert averages == pytest.approx(expected[3::3], 1e-12)


@pytest.mark.parametrize("start", [1, 2, 4])
def test_swa_as_the_slow_loop(start: int) -> None:
    weights, averages = trace(WeightAverage("swa", start=start))
    ends = weights[3::3]
    expected = [ends[i] if i + 1 < start else sum(ends[start - 1 : i + 1]) / (i + 2 - start) for i in range(4)]
    assert averages == pytest.approx(expected, 1e-12)


@pytest.mark.parametrize("how", ["{kind: ema, decay: 0.9}", "{kind: swa, start: 2}"])
def test_a_checkpoint_holds_the_average_and_training_goes_on_with_its_own_weights(how: str, tmp_path: Path) -> None:
    average = f"!new:mtser.training.WeightAverage {how}"
    plain, averaged = system(), system(training__average=average)
    for made, n_epochs, folder in ((plain, 3, None), (averaged, 2, tmp_path)):
        fit(brain_of(made, n_epochs, folder), made)
    resumed = system(training__average=average)
    fit(brain := brain_of(resumed, 3, tmp_path), resumed)
    for name, weight in plain.model.named_parameters():  # the average changes nothing of what is trained
        assert torch.equal(weight, resumed.model.get_parameter(name)), name
    brain.on_stage_start(Stage.TEST)
    brain.on_evaluate_start()
    judged = {name: one.detach().clone() for name, one in resumed.model.named_parameters()}
    assert any(not torch.equal(judged[name], one) for name, one in plain.model.named_parameters())
    whole = system(training__average=average)
    fit(other := brain_of(whole, 3, tmp_path / "whole"), whole)
    other.on_evaluate_start()
    for name, one in whole.model.named_parameters():
        assert torch.equal(judged[name], one), name


def test_dev_is_judged_with_the_average() -> None:
    """With a decay of 1 in effect the average is what training began with."""
    made = system(training__average="!new:mtser.training.WeightAverage {kind: swa, start: 1}")
    brain = brain_of(made, 2)
    fit(brain, made)
    assert brain.average is not None
    with brain.average.in_place():
        made.model.eval()
        rows, judged = brain.results()
        batch = made.data.batch(rows)
        expected = made.model(batch.batch)
    torch.testing.assert_close(judged.logits, expected)
    made.model.eval()
    assert not torch.allclose(made.model(batch.batch), expected)


@pytest.mark.parametrize("option", [{"kind": "mean"}, {"decay": 1.5}, {"start": 0}])
def test_bad_options(option: dict) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(option))} of the weight average"):
        WeightAverage(**option)
