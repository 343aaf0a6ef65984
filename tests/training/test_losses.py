"""The loss (eq. 15) with every option: against plain loops."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from mtser.errors import ConfigError
from mtser.training import CrossEntropy, SigmoidCrossEntropy

LABELS = torch.tensor([0, 2, 2, 1, 2, 0])
HARD = F.one_hot(LABELS, 3).double()
SOFT = torch.tensor([[1, 1, 1], [0, 0, 3], [1, 0, 2], [0, 2, 1], [0, 1, 2], [3, 0, 0]], dtype=torch.float64) / 3


@pytest.fixture
def logits() -> Tensor:
    return torch.randn(6, 3, generator=torch.Generator().manual_seed(0)) * 3


def slow_loss(logits: Tensor, targets: Tensor, weights: list[float], smoothing: float) -> float:
    """-Σ_k w_k y_k log ŷ_k, mean over the utterances, each counted by the weight of its own classes."""
    total = counted = 0.0
    for z, y in zip(logits.double().tolist(), targets.tolist(), strict=True):
        normaliser = sum(math.exp(value) for value in z)
        for k, value in enumerate(z):
            share = (1 - smoothing) * y[k] + smoothing / len(z)
            total -= weights[k] * share * math.log(math.exp(value) / normaliser)
        counted += sum(w * share for w, share in zip(weights, y, strict=True))
    return total / counted


@pytest.mark.parametrize("targets", [HARD, SOFT], ids=["hard", "soft"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize(
    ("class_weights", "expected"),
    [("none", [1, 1, 1]), ([0.5, 2.0, 1.0], [0.5, 2, 1]), ("balanced", [6 / (3 * 2), 6 / (3 * 1), 6 / (3 * 3)])],
    ids=["no weights", "given weights", "balanced"],
)
def test_as_the_slow_loop(
    logits: Tensor, targets: Tensor, smoothing: float, class_weights: str | list[float], expected: list[float]
) -> None:
    loss = CrossEntropy(class_weights, label_smoothing=smoothing)
    loss.fit(LABELS, 3)
    assert float(loss(logits, targets.float())) == pytest.approx(slow_loss(logits, targets, expected, smoothing), 1e-5)


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_hard_labels_as_torchs_own_with_class_numbers(logits: Tensor, weights: str) -> None:
    loss = CrossEntropy(weights, label_smoothing=0.2)
    loss.fit(LABELS, 3)
    torch.testing.assert_close(
        loss(logits, HARD.float()), F.cross_entropy(logits, LABELS, loss.weights, label_smoothing=0.2)
    )


def test_gradient_of_the_plain_loss_is_prediction_less_truth(logits: Tensor) -> None:
    logits.requires_grad_()
    CrossEntropy()(logits, SOFT.float()).backward()
    expected = (logits.detach().double().softmax(1) - SOFT) / 6
    np.testing.assert_allclose(logits.grad, expected, atol=1e-7)


def test_balanced_weights_make_a_class_count_the_same_however_frequent() -> None:
    loss = CrossEntropy("balanced")
    loss.fit(LABELS, 4)  # the fourth class never occurs
    counts = torch.bincount(LABELS, minlength=4)
    assert (loss.weights * counts)[:3].tolist() == pytest.approx([6 / 4] * 3) and loss.weights[3].isfinite()


def test_half_precision_is_judged_in_single(logits: Tensor) -> None:
    found = CrossEntropy()(logits.bfloat16(), HARD.float())
    assert found.dtype == torch.float32
    assert float(found) == pytest.approx(slow_loss(logits.bfloat16(), HARD, [1, 1, 1], 0.0), 1e-5)


def test_weights_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="none, balanced or a list"):
        CrossEntropy("equal")
    with pytest.raises(ConfigError, match="2 numbers for 3 classes"):
        CrossEntropy([1.0, 2.0]).fit(LABELS, 3)


@pytest.mark.parametrize("targets", [HARD, SOFT], ids=["hard", "soft"])
def test_sigmoid_cross_entropy_as_the_slow_loop(logits: Tensor, targets: Tensor) -> None:
    total = 0.0
    for z, y in zip(logits.double().tolist(), targets.tolist(), strict=True):
        for value, share in zip(z, y, strict=True):
            yes = 1 / (1 + math.exp(-value))
            total -= share * math.log(yes) + (1 - share) * math.log(1 - yes)
    found = SigmoidCrossEntropy()(logits, targets.float())
    assert float(found) == pytest.approx(total / 18, 1e-5)  # 6 utterances of 3 classes
    assert SigmoidCrossEntropy()(logits.bfloat16(), HARD.bfloat16()).dtype == torch.float32


def test_gradient_of_the_sigmoid_loss_is_prediction_less_truth(logits: Tensor) -> None:
    logits.requires_grad_()
    SigmoidCrossEntropy()(logits, SOFT.float()).backward()
    np.testing.assert_allclose(logits.grad, (logits.detach().double().sigmoid() - SOFT) / 18, atol=1e-7)


def test_weighted_it_is_the_loss_of_a_whole_batch() -> None:
    plain, weighted = CrossEntropy(), CrossEntropy(class_weights="balanced")
    for loss in (plain, weighted):
        loss.fit(torch.tensor([0, 0, 1]), 2)
    assert not plain.over_batch and weighted.over_batch


def test_a_batch_of_classes_without_weight_teaches_nothing() -> None:
    loss = CrossEntropy([1.0, 0.0], label_smoothing=0.1)
    loss.fit(torch.tensor([0, 1]), 2)
    logits = torch.randn(3, 2, requires_grad=True)
    found = loss(logits, torch.tensor([[0.0, 1.0]] * 3))
    found.backward()
    assert found.item() == 0 and logits.grad is not None and not logits.grad.any()
    with pytest.raises(ConfigError, match="all 0"):
        CrossEntropy([0.0, 0.0])
