"""Scores of additive attention: against plain loops, in portions as at once, and their gradients."""

import numpy as np
import pytest
import torch
from torch import Tensor

from mtser.fusion import additive_scores
from mtser.fusion.additive_scores import AdditiveScores

N_A, N_B = [3, 1, 4], [2, 5, 1]


def given() -> tuple[Tensor, Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    a, b, v = (torch.randn(*shape, generator=random, dtype=torch.float64) for shape in ((3, 4, 6), (3, 5, 6), (6,)))
    for row in range(3):  # what stands on padding must not matter
        a[row, N_A[row] :], b[row, N_B[row] :] = torch.nan, torch.nan
    return a, b, v


@pytest.fixture(params=[1, 60, 1 << 22], ids=["a row at a time", "some rows", "all at once"])
def portions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(additive_scores, "_AT_ONCE", request.param)


@pytest.mark.usefixtures("portions")
def test_as_the_slow_loop() -> None:
    a, b, v = given()
    scores = AdditiveScores.apply(a, b, v, N_A, N_B)
    assert scores.shape == (3, 4, 5)
    for row in range(3):
        for i in range(4):
            for j in range(5):
                real = i < N_A[row] and j < N_B[row]
                expected = float(v.numpy() @ np.tanh(a[row, i].numpy() + b[row, j].numpy())) if real else -np.inf
                assert float(scores[row, i, j]) == pytest.approx(expected, rel=1e-13, abs=1e-14)


@pytest.mark.usefixtures("portions")
def test_gradients_by_differences() -> None:
    a, b, v = (one.nan_to_num(0.0).requires_grad_() for one in given())

    def run(a: Tensor, b: Tensor, v: Tensor) -> Tensor:
        scores = AdditiveScores.apply(a, b, v, N_A, N_B)
        return scores[scores.isfinite()]

    assert torch.autograd.gradcheck(run, (a, b, v))


def test_padding_gets_no_gradient() -> None:
    a, b, v = (one.requires_grad_() for one in given())
    scores = AdditiveScores.apply(a, b, v, N_A, N_B)
    scores.masked_fill(~scores.isfinite(), 0.0).square().sum().backward()
    for one, lengths in ((a, N_A), (b, N_B)):
        assert one.grad is not None
        for row, length in enumerate(lengths):
            assert one.grad[row, :length].all() and not one.grad[row, length:].any()
