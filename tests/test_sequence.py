"""Sequences: what is real and what is padding."""

import pytest
import torch

from mtser.sequence import Sequence


@pytest.mark.parametrize("lengths", [[3, 1, 2], [3, 3, 3], [1, 3, 1]])
def test_mask_is_true_on_real_items(lengths: list[int]) -> None:
    mask = Sequence(torch.zeros(3, 3, 2), torch.tensor(lengths), "word").mask
    assert mask.tolist() == [[item < length for item in range(3)] for length in lengths]


@pytest.mark.parametrize("rubbish", [7.0, float("nan"), float("inf")])
def test_masked_has_zeros_on_padding_and_no_gradient_there(rubbish: float) -> None:
    features = torch.ones(2, 3, 2)
    features[1, 1:] = rubbish
    features.requires_grad_()
    masked = Sequence(features, torch.tensor([3, 1]), "word").masked().features
    assert masked[:, :, 0].tolist() == [[1, 1, 1], [1, 0, 0]]
    (masked * 5).sum().backward()
    assert features.grad is not None
    assert features.grad[:, :, 1].tolist() == [[5, 5, 5], [5, 0, 0]]


def test_other_vectors_of_the_same_items() -> None:
    words = Sequence(torch.zeros(2, 3, 2), torch.tensor([3, 1]), "phone")
    other = words.with_features(torch.ones(2, 3, 5))
    assert other.features.shape == (2, 3, 5) and other.lengths is words.lengths and other.unit == "phone"
