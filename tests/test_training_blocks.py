"""The ways of training in hparams/blocks/training: what sets each apart from the common one, and the originals'."""

import math
from typing import Any

import pytest
import torch

from mtser.configuration import Hyperparameters
from mtser.training import TrainingPlan
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


_ADAM = {"class": "Adam", "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0}
_CROSS_ENTROPY = {"class": "CrossEntropy", "class_weights": "none", "label_smoothing": 0.0, "soft_labels": False}
_PLAN = {"clip_norm": 0.0, "clip_value": 0.0, "select_by": "ua", "patience": 15, "bucketing": 8}
# How each was trained, but for what is the same everywhere here: batches of similar lengths (bucketing) and, where the
# original's is not told, an early stop by the UA on dev.
PUBLISHED: dict[str, dict[str, Any]] = {
    # Yoon et al. 2018, github.com/david-yoon/multimodal-speech-emotion: _create_optimizer of model/SE_model_multi.py
    # and SE_model_multi_attn.py (Adam, values clipped at 10), their sigmoid_cross_entropy_with_logits; --lr=0.001.
    # The least dev_ce of model/train_multi.py; model/project_config.py has EPOCH_PER_VALID_FREQ 0.3 and
    # MAX_EARLY_STOP_COUNT 7.
    "mdre": {
        "optimizer": {**_ADAM, "lr": 0.001},
        "loss": {"class": "SigmoidCrossEntropy", "soft_labels": False},
        "plan": {**_PLAN, "clip_value": 10.0, "select_by": "likelihood", "patience": math.ceil(0.3 * (7 + 1))},
    },
    # Yoon et al. 2019, as hparams/mha2.yaml tells: softmax cross-entropy, Adam, the gradient's norm clipped at 1;
    # --lr 0.001 of the successor's model/train_reference_script.sh (david-yoon/attentive-modality-hopping-for-SER).
    "mha": {"optimizer": {**_ADAM, "lr": 0.001}, "loss": _CROSS_ENTROPY, "plan": {**_PLAN, "clip_norm": 1.0}},
    # Xu et al. 2019, github.com/Delta-ML/delta, multimodal-align-emotion.yml: adam, rate 0.001 of type const,
    # clip_global_norm 3.0, label_smoothing 0.0, l2_reg_lambda 0, epochs 150, early_stopping: enable: false.
    "lstm_attn": {
        "optimizer": {**_ADAM, "lr": 0.001},
        "loss": _CROSS_ENTROPY,
        "plan": {**_PLAN, "clip_norm": 3.0, "bucketing": 16, "patience": 150},
    },
    # Gu et al. 2019, their ACMM/fusion_context_regression.py: Adam(lr=0.0001, beta_1=0.9, beta_2=0.999, epsilon=1e-08),
    # mean_squared_error.
    "mcaf": {
        "optimizer": {**_ADAM, "lr": 0.0001},
        "loss": {"class": "VoteRegression", "soft_labels": True},
        "plan": _PLAN,
    },
    # Atmaja and Akagi, github.com/bagustris/two-stage-ser, code/ser_iemocap_loso.py and ter_iemocap_loso_glove.py:
    # rmsprop (Keras: learning rate 0.001, rho 0.9, epsilon 1e-7), api_model(0.1, 0.5, 0.4), loss_weights 0.7, 0.2, 0.1,
    # patience 10, shuffled batches; the whole: dimensional-ser, code/speech-text/lstm_lstm_optimized3.py.
    "multitask_vad": {
        "optimizer": {"class": "RMSprop", "lr": 0.001, "alpha": 0.9, "eps": 1e-7, "momentum": 0, "weight_decay": 0},
        "loss": {
            "class": "ConcordanceLoss",
            "attribute_weights": (0.9, 0.9, 0.2),
            "branch_weights": {"audio": (0.1, 0.5, 0.4), "text": (0.7, 0.2, 0.1)},
        },
        "plan": {**_PLAN, "select_by": "ccc", "patience": 10, "bucketing": 1},
    },
}
# With the batches of the same places: batch_size of the commands and of ACMM/fusion_context_regression.py, and what
# ser_iemocap_loso.py gives to fit. Delta's 64 is the common size.
COMMANDS = {
    "mdre": "--training blocks/training/mdre.yaml --batch_size 128",
    "mdrea": "--training blocks/training/mdre.yaml --batch_size 128",
    "mha2": "--training blocks/training/mha.yaml --batch_size 128",
    "lstm_attn": "--training blocks/training/lstm_attn.yaml",
    "mcaf": "--training blocks/training/mcaf.yaml --batch_size 16",
    "multitask_vad": "--training blocks/training/multitask_vad.yaml --batch_size 8 --number_of_epochs 50",
}


def options_of(thing: object, names: dict[str, Any]) -> dict[str, Any]:
    """The named options of an optimizer, a loss or a plan."""
    given = getattr(thing, "defaults", None) or {name: getattr(thing, name, None) for name in names}
    return {name: type(thing).__name__ if name == "class" else given[name] for name in names}


@pytest.mark.parametrize("system", COMMANDS)
def test_as_the_originals_were_trained(system: str) -> None:
    block = COMMANDS[system].split()[1].removeprefix("blocks/training/").removesuffix(".yaml")
    plan, published = plan_of(system, block), PUBLISHED[block]
    optimizer = plan.optimizer([torch.nn.Parameter(torch.ones(1))])
    for name, thing in (("optimizer", optimizer), ("loss", plan.loss), ("plan", plan)):
        assert options_of(thing, published[name]) == published[name]
    schedule = plan.schedule(optimizer)
    for _ in range(100):
        optimizer.step()
        schedule.step()
    assert math.isclose(optimizer.param_groups[0]["lr"], published["optimizer"]["lr"])  # constant
    assert plan.penalty(torch.nn.Linear(3, 3)) == 0.0 and not plan.weight_decay and plan.average is None
    if block != "multitask_vad":
        assert plan_of(system).bucketing == plan.bucketing


@pytest.mark.parametrize("system", COMMANDS)
def test_the_header_tells_the_batches_of_the_original(system: str) -> None:
    text = (HPARAMS / f"{system}.yaml").read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if f"train.py hparams/{system}.yaml " in line]
    assert any(f"{COMMANDS[system]} " in f"{line} " for line in commands)
    assert Hyperparameters(HPARAMS / f"{system}.yaml").get("batch_size") == 64


def test_late_stacking_is_the_originals() -> None:
    """As github.com/bagustris/two-stage-ser has it, code/fuse_iemocap_loso.py."""
    flat = Hyperparameters(HPARAMS / "multitask_vad.yaml", {"stacking": "blocks/stacking/svr.yaml"}).flat()
    options = {"kernel": "rbf", "C": 200.0, "gamma": 0.1, "epsilon": 0.01}
    assert {name: flat[f"stacking.{name}"] for name in options} == options
