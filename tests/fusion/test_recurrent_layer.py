"""A recurrent layer among the fusion blocks: against plain loops, whatever stands on padding."""

import numpy as np
import pytest
import torch

from mtser.encoders import Recurrent
from mtser.errors import ModelError
from mtser.fusion import RecurrentLayer
from tests.helpers import slow
from tests.helpers.synthetic import random_words

N_WORDS = [4, 1, 3]
NAN = float("nan")


def layer() -> RecurrentLayer:
    torch.manual_seed(0)
    return RecurrentLayer("text", Recurrent(6, 5, cell="lstm", bidirectional=True)).double()


def test_as_the_slow_loop() -> None:
    block, words, others = layer(), random_words(N_WORDS, 6, on_padding=NAN), random_words(N_WORDS, 2)
    found = block({"text": words, "other": others})
    w = slow.part(slow.weights(block), "net.net")
    for row, length in enumerate(N_WORDS):
        expected = slow.directions(w, words.features[row, :length].numpy(), "lstm")
        np.testing.assert_allclose(found["text"].features[row, :length].detach(), expected, atol=1e-14)
    assert found["other"] is others and found["text"].unit == "word"
    assert found["text"].lengths.tolist() == N_WORDS and block.output_sizes == {"text": 10}


def test_gradients_reach_all_real_words_alone() -> None:
    block, words = layer(), random_words(N_WORDS, 6, on_padding=NAN)
    words.features.requires_grad_()
    block({"text": words})["text"].masked().features.square().sum().backward()
    grad = words.features.grad
    assert grad is not None and grad.isfinite().all() and grad[words.mask].all() and not grad[~words.mask].any()
    assert all(one.grad is not None and one.grad.any() for one in block.parameters())


def test_a_modality_that_is_not_there() -> None:
    with pytest.raises(ModelError, match="the recurrent layer is over 'text', but got audio"):
        layer()({"audio": random_words(N_WORDS, 6)})
