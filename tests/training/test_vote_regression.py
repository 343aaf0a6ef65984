"""Regressing the annotators' votes: against plain loops."""

import pytest
import torch

from mtser.training import VoteRegression


def test_as_the_slow_loop() -> None:
    random = torch.Generator().manual_seed(0)
    outputs, votes = torch.randn(5, 3, generator=random), torch.rand(5, 3, generator=random)
    total = sum((o - v) ** 2 for row, shares in zip(outputs.tolist(), votes.tolist(), strict=True)
                for o, v in zip(row, shares, strict=True))  # fmt: skip
    assert VoteRegression()(outputs, votes).item() == pytest.approx(total / 15)


def test_which_targets_it_wants() -> None:
    assert VoteRegression().soft_labels and not VoteRegression(soft_labels=False).soft_labels
