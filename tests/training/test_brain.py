"""The Brain against plain loops that do what it should."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from speechbrain import Stage
from torch.nn import functional as F
from torch.utils.data import DataLoader

from mtser.errors import ConfigError, ModelError
from mtser.outputs import Outputs
from mtser.training.batches import EvaluationBatches, TrainingBatches
from mtser.training.brain import EmotionBrain
from mtser.training.checkpoints import AtomicCheckpointer, best_on_dev, by_epoch
from mtser.training.progress import FoldProgress
from tests.helpers.synthetic import EMOTIONS, random_utterances
from tests.helpers.systems import Ready, ready

PLAIN = {  # steps that a plain loop can make: no dropout, no penalty, stochastic gradient descent
    "transformer__dropout": "0",
    "classifier__dropout": "0",
    "training__penalty__l1": "0",
    "training__penalty__l2": "0",
    "training__optimizer": "!name:torch.optim.SGD {lr: 0.5}",
    "training__schedule": "!name:mtser.training.schedules.constant",
}
N_TRAIN, N_DEV = 21, 9


def system(**overrides: str) -> Ready:
    return ready("full", random_utterances(N_TRAIN + N_DEV), **{**PLAIN, **overrides})


def brain_of(made: Ready, n_epochs: int = 1, folder: Path | None = None, **run_opts: Any) -> EmotionBrain:
    progress = FoldProgress(n_epochs, made.plan.patience)
    checkpointer = AtomicCheckpointer(folder, {"model": made.model, "progress": progress}) if folder else None
    options = {"device": "cpu", "noprogressbar": True, **run_opts}
    return EmotionBrain(made.model, made.plan, progress, len(EMOTIONS), options, checkpointer)


def fit(brain: EmotionBrain, made: Ready, batch_size: int = 4) -> TrainingBatches:
    training = TrainingBatches(made.data, np.arange(N_TRAIN), batch_size=batch_size, bucketing=1, seed=1)
    dev = EvaluationBatches(made.data, np.arange(N_TRAIN, N_TRAIN + N_DEV), batch_size=4)
    brain.train_sampler = training
    brain.fit(brain.progress, DataLoader(training, batch_size=None), DataLoader(dev, batch_size=None))
    return training


def slow_epoch(window: int, clip: float, batch_size: int = 4) -> torch.nn.Module:
    """One epoch, step by step: the mean of the batches' gradients, clipped, times the learning rate."""
    made = system()
    model = made.model
    batches = list(TrainingBatches(made.data, np.arange(N_TRAIN), batch_size=batch_size, bucketing=1, seed=1))
    assert len(batches) % window or window == 1, "the last window has to be a short one"
    for first in range(0, len(batches), window):
        gradients = [torch.zeros_like(one) for one in model.parameters()]
        chosen = batches[first : first + window]
        for batch in chosen:
            loss = F.cross_entropy(model(batch.batch), batch.labels)
            for total, one in zip(gradients, torch.autograd.grad(loss, list(model.parameters())), strict=True):
                total += one / len(chosen)
        norm = torch.sqrt(sum(one.square().sum() for one in gradients))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter -= 0.5 * gradient * min(1.0, clip / float(norm))
    return model


@pytest.mark.parametrize(("window", "clip"), [(1, 1e9), (4, 1e9), (4, 0.1), (1, 0.1), (100, 1e9)])
def test_an_epoch_against_a_plain_loop(window: int, clip: float) -> None:
    made = system(training__clip_norm=str(clip))
    expected = slow_epoch(window, clip)
    before = copy.deepcopy(made.model.state_dict())
    brain = brain_of(made, grad_accumulation_factor=window)
    fit(brain, made)
    assert brain.optimizer_step == -(-6 // window)
    moved = 0.0
    for name, value in expected.named_parameters():
        torch.testing.assert_close(made.model.get_parameter(name), value, rtol=1e-4, atol=1e-5)
        moved = max(moved, float((value - before[name]).detach().abs().max()))
    assert moved > 1e-3  # so that equality says something


def test_the_schedule_takes_a_step_an_update() -> None:
    made = system(training__schedule="!name:mtser.training.schedules.inverse_time {rate: 1.0}")
    brain = brain_of(made, grad_accumulation_factor=4)
    fit(brain, made)
    assert brain.optimizer.param_groups[0]["lr"] == pytest.approx(0.5 / (1 + 2))


@pytest.mark.parametrize("window", [1, 4])
def test_the_penalty_is_added_once_an_update(window: int) -> None:
    """With a loss that has no gradient, an update shrinks weights by lr · λ₁ towards zero, whatever the window."""
    made = system(training__penalty__l1="0.01", training__optimizer="!name:torch.optim.SGD {lr: 0.01}")
    weight = made.plan.penalty.penalised(made.model)[0]
    before = weight.detach().clone()
    made.plan.loss.forward = lambda logits, targets: logits.sum() * 0  # type: ignore[method-assign]
    brain = brain_of(made, grad_accumulation_factor=window)
    fit(brain, made)
    n_updates = -(-6 // window)
    far = before.abs() > 0.001 * n_updates  # not those that reach zero
    shrunk = before - before.sign() * 0.01 * 0.01 * n_updates
    torch.testing.assert_close(weight[far], shrunk[far], rtol=0, atol=1e-6)


def test_the_gradient_is_clipped_over_all_groups_together() -> None:
    def two_groups(parameters: Any) -> torch.optim.Optimizer:
        every = list(parameters)
        return torch.optim.SGD([{"params": every[:5]}, {"params": every[5:], "lr": 1.0}], lr=1.0)

    made = system(training__clip_norm="0.001")
    object.__setattr__(made.plan, "optimizer", two_groups)
    before = [one.detach().clone() for one in made.model.parameters()]
    fit(brain_of(made), made, batch_size=N_TRAIN)
    moved = [new.detach() - old for new, old in zip(made.model.parameters(), before, strict=True)]
    assert all(any(float(one.abs().max()) > 0 for one in group) for group in (moved[:5], moved[5:]))
    assert float(torch.sqrt(sum(one.square().sum() for one in moved))) == pytest.approx(0.001, rel=1e-3)


@pytest.mark.parametrize(("norm", "expected"), [("0", 0.002), ("0.001", 0.001)])
def test_the_gradients_values_are_clipped_before_its_norm(norm: str, expected: float) -> None:
    made = system(
        training__clip_value="0.002", training__clip_norm=norm, training__optimizer="!name:torch.optim.SGD {lr: 1.0}"
    )
    before = [one.detach().clone() for one in made.model.parameters()]
    fit(brain_of(made), made, batch_size=N_TRAIN)
    moved = torch.cat(
        [(new.detach() - old).flatten() for new, old in zip(made.model.parameters(), before, strict=True)]
    )
    size = moved.abs()
    assert float(moved.norm() if norm != "0" else size.max()) == pytest.approx(expected, rel=1e-3)
    assert int((size > 0.99 * size.max()).sum()) > 10  # many values are cut, each by itself


def test_speechbrains_max_grad_norm_overrides_the_yaml() -> None:
    made = system(training__clip_norm="0.001", training__optimizer="!name:torch.optim.SGD {lr: 1.0}")
    before = [one.detach().clone() for one in made.model.parameters()]
    fit(brain_of(made, max_grad_norm=0.002), made, batch_size=N_TRAIN)
    moved = [new.detach() - old for new, old in zip(made.model.parameters(), before, strict=True)]
    assert float(torch.sqrt(sum(one.square().sum() for one in moved))) == pytest.approx(0.002, rel=1e-3)


def test_losses_are_means_over_utterances_not_over_batches() -> None:
    made = system()
    brain = brain_of(made)
    fit(brain, made)  # dev: batches of 4, 4 and 1
    batch = made.data.batch(np.arange(N_TRAIN, N_TRAIN + N_DEV))
    with torch.no_grad():
        logits = made.model.eval()(batch.batch)
    row = brain.progress.history[0]
    assert row["dev_loss"] == pytest.approx(float(F.cross_entropy(logits, batch.labels)), rel=1e-5)
    assert row["dev_wa"] == pytest.approx(float((logits.argmax(1) == batch.labels).float().mean()))
    recalls = [float((logits.argmax(1) == k)[batch.labels == k].float().mean()) for k in range(4)]
    assert row["dev_ua"] == pytest.approx(np.mean(recalls))


def test_the_loss_of_training_is_a_mean_over_utterances_too() -> None:
    made = system(training__optimizer="!name:torch.optim.SGD {lr: 0.0}")
    brain = brain_of(made)
    fit(brain, made)  # batches of 4 and a last one of 1, all by the same weights
    batch = made.data.batch(np.arange(N_TRAIN))
    with torch.no_grad():
        expected = float(F.cross_entropy(made.model(batch.batch), batch.labels))
    assert brain.progress.history[0]["train_loss"] == pytest.approx(expected, rel=1e-5)


def test_soft_labels_are_learnt_from_but_not_judged_by() -> None:
    made = system(training__loss__soft_labels="true")
    brain, batch = brain_of(made), made.data.batch(np.arange(4))
    batch.votes[:] = torch.tensor([0.1, 0.2, 0.3, 0.4])
    logits = torch.randn(4, 4)
    outputs = Outputs(logits)
    soft = -(torch.log_softmax(logits, 1) @ torch.tensor([0.1, 0.2, 0.3, 0.4])).mean()
    assert float(brain.compute_objectives(outputs, batch, Stage.TRAIN)) == pytest.approx(float(soft), rel=1e-5)
    for stage in (Stage.VALID, Stage.TEST):
        hard = F.cross_entropy(logits, batch.labels)
        assert float(brain.compute_objectives(outputs, batch, stage)) == pytest.approx(float(hard), rel=1e-5)


def test_a_model_for_another_number_of_classes_is_one_sentence() -> None:
    made = system(classifier__n_classes="7")
    with pytest.raises(ModelError, match="the model tells 7 classes apart, but the corpus has 4; give its classifier"):
        fit(brain_of(made), made)


def test_bf16_trains_weights_that_stay_in_single_precision() -> None:
    made = system()
    before = copy.deepcopy(made.model.state_dict())
    brain = brain_of(made, precision="bf16", eval_precision="bf16")
    fit(brain, made)
    assert all(one.dtype == torch.float32 for one in made.model.parameters())
    assert any(not torch.equal(before[name], value) for name, value in made.model.state_dict().items())
    assert np.isfinite(brain.progress.history[0]["dev_loss"])


def test_evaluating_takes_the_best_epoch_and_of_equal_ones_the_earliest(tmp_path: Path) -> None:
    made = system()
    brain = brain_of(made, n_epochs=5, folder=tmp_path)
    kept: dict[int, dict[str, torch.Tensor]] = {}

    def pretend(row: dict[str, Any]) -> None:  # before the checkpoint is written
        row["dev_ua"] = [0.2, 0.6, 0.4, 0.6, 0.1][row["epoch"] - 1]
        kept[row["epoch"]] = copy.deepcopy(made.model.state_dict())

    brain.progress.on_epoch = pretend
    fit(brain, made)
    assert len(kept) == 5 and len(list(tmp_path.iterdir())) == 2  # the newest and the best
    brain.evaluate(DataLoader(EvaluationBatches(made.data, np.arange(5), batch_size=2), batch_size=None))
    assert all(torch.equal(value, kept[2][name]) for name, value in made.model.state_dict().items())
    assert not all(torch.equal(value, kept[4][name]) for name, value in made.model.state_dict().items())
    rows, outputs = brain.results()
    with torch.no_grad():
        expected = made.model.eval()(made.data.batch(rows).batch)
    assert sorted(rows.tolist()) == [0, 1, 2, 3, 4]
    torch.testing.assert_close(outputs.logits, expected, rtol=1e-4, atol=1e-6)


def test_the_order_of_checkpoints() -> None:
    class Kept:
        def __init__(self, epoch: int, dev_ua: float) -> None:
            self.meta = {"epoch": epoch, "dev_ua": dev_ua}

    found = [Kept(1, 0.3), Kept(2, 0.5), Kept(3, 0.5), Kept(4, 0.1)]
    assert max(found, key=by_epoch).meta["epoch"] == 4
    assert max(found, key=best_on_dev("dev_ua")).meta["epoch"] == 2


@pytest.mark.parametrize("batch_size", [2, N_TRAIN])
def test_a_loss_that_is_no_number_ends_training_before_a_checkpoint_is_written(tmp_path: Path, batch_size: int) -> None:
    """With one batch an epoch, only the dev part can tell that its step broke the weights."""
    made = system(training__optimizer="!name:torch.optim.SGD {lr: 1.0e+38}", training__clip_norm="0")
    brain = brain_of(made, n_epochs=3, folder=tmp_path)
    with pytest.raises(ModelError, match="the loss is not a number any more in epoch 1; lower the learning rate"):
        fit(brain, made, batch_size)
    assert list(tmp_path.iterdir()) == [] and brain.progress.history == []


def test_batches_without_a_finite_loss_are_passed_over_when_asked_for(tmp_path: Path) -> None:
    made = system()
    plain, calls = made.plan.loss.forward, []

    def sometimes(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        return plain(logits, targets) * (float("nan") if len(calls) == 2 else 1.0)

    made.plan.loss.forward = sometimes  # type: ignore[method-assign]
    brain = brain_of(made, skip_nonfinite_grads=True, nonfinite_patience=1, max_grad_norm=-1)
    brain.on_fit_start()
    brain.nonfinite_count, brain.step, brain._batches_per_epoch = 0, 0, 2
    brain.on_stage_start(Stage.TRAIN, 1)
    for _ in range(2):
        brain.step += 1
        brain.fit_batch(made.data.batch(np.arange(4)))
    assert all(bool(torch.isfinite(one).all()) for one in made.model.parameters())
    calls.clear()
    with pytest.raises(ModelError, match="not a number"):  # the second one within the patience of one
        for _ in range(2):
            brain.fit_batch(made.data.batch(np.arange(4)))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("training__optimizer", "!name:torch.optim.SGD {lr: x}"),
        ("training__optimizer", "!name:torch.optim.Adam {lr: -1}"),
        ("training__optimizer", "!name:torch.optim.Adam {no_such: 1}"),
        ("training__schedule", "!name:mtser.training.schedules.inverse_time {rates: 1}"),
    ],
)
def test_an_optimizer_that_cannot_be_made_is_one_sentence(option: str, value: str) -> None:
    with pytest.raises(ConfigError, match="optimizer or schedule cannot be made"):
        brain_of(system(**{option: value})).on_fit_start()


def test_weight_decay_is_that_of_adamw_on_matrices() -> None:
    options = {"training__optimizer": "!name:torch.optim.Adam {lr: 0.01}", "training__clip_norm": "0"}
    ours, plain = system(**options, training__weight_decay="0.5"), system(**options)
    matrices = [one for one in plain.model.parameters() if one.dim() > 1]
    others = [one for one in plain.model.parameters() if one.dim() == 1]
    assert matrices and others
    groups = [{"params": matrices, "weight_decay": 0.5}, {"params": others, "weight_decay": 0.0}]
    brain = brain_of(plain)
    brain.opt_class = lambda parameters: torch.optim.AdamW(groups, lr=0.01)
    fit(brain, plain)
    fit(brain_of(ours), ours)
    for name, weight in plain.model.named_parameters():
        torch.testing.assert_close(ours.model.get_parameter(name), weight, rtol=1e-5, atol=1e-7)


def test_the_auxiliary_loss_is_the_mean_of_the_modalities_losses() -> None:
    made = system(model__auxiliary="0.3")
    brain, batch = brain_of(made), made.batch()
    outputs = brain.compute_forward(batch, Stage.TRAIN)
    alone = [F.cross_entropy(one, batch.labels) for one in outputs.auxiliary.values()]
    expected = F.cross_entropy(outputs.logits, batch.labels) + 0.3 * (alone[0] + alone[1]) / 2
    torch.testing.assert_close(brain.compute_objectives(outputs, batch, Stage.TRAIN), expected)


def test_an_auxiliary_loss_beside_a_loss_of_attributes_is_one_sentence() -> None:
    made = ready("multitask_vad", random_utterances(8))
    made.model.auxiliary = 0.3
    with pytest.raises(ConfigError, match=r"model\.auxiliary is a loss of classes"):
        brain_of(made)
