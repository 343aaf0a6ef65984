"""Losses, penalties, optimizers and schedules that are not mtser's: they work, or a sentence says why not."""

from pathlib import Path

import pytest
import torch

from mtser.errors import ConfigError
from mtser.training import CrossEntropy
from tests.training.test_fold import run, same

ALTERNATING = "!name:torch.optim.lr_scheduler.ExponentialLR {gamma: -0.9}"
ONE_CYCLE = "!name:torch.optim.lr_scheduler.OneCycleLR {max_lr: 0.01, epochs: 1, steps_per_epoch: 4}"


class LearnsItself(CrossEntropy):
    """A loss with a parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(()))


def test_a_function_is_a_loss(tmp_path: Path) -> None:
    own = run(tmp_path / "own", training__loss="!name:torch.nn.functional.cross_entropy")
    assert same(own, run(tmp_path / "usual"))


def test_no_penalty(tmp_path: Path) -> None:
    none = run(tmp_path / "none", training__penalty="null")
    zero = run(tmp_path / "zero", **{"training__penalty__l1": "0", "training__penalty__l2": "0"})
    assert same(none, zero) and not same(none, run(tmp_path / "usual"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"training__loss": "!new:tests.training.test_own_parts.LearnsItself {}"}, "LearnsItself has parameters"),
        ({"training__loss": "null"}, "loss is None; it has to be a module or a function"),
        ({"training__optimizer": "!name:torch.optim.LBFGS {}"}, "LBFGS computes the loss several times"),
        ({"training__schedule": "!name:torch.optim.lr_scheduler.ReduceLROnPlateau {}"}, "waits for a measure"),
        ({"training__schedule": ALTERNATING}, "makes the learning rate negative"),
        ({"training__schedule": ONE_CYCLE}, "training.schedule ends before training does"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(tmp_path: Path, options: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        run(tmp_path, **options)
