"""MDREA's attention: against plain loops, whatever stands on padding."""

import numpy as np
import pytest
import torch

from mtser.errors import ModelError
from mtser.fusion import QueryAttention
from mtser.sequence import Sequence
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_words

N_WORDS = [4, 1, 3]
NAN = float("nan")


def block() -> QueryAttention:
    torch.manual_seed(0)
    return QueryAttention(query_size=6, size=5).double()


def audio() -> Sequence:
    vectors = torch.randn(3, 1, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Sequence(vectors, torch.ones(3, dtype=torch.int64), "utterance")


def test_as_the_slow_loop() -> None:
    attention, text = block(), random_words(N_WORDS, 5, on_padding=NAN)
    vectors = audio()
    found = attention({"audio": vectors, "text": text}).detach()
    w = slow.part(slow.weights(attention), "project")
    for row, length in enumerate(N_WORDS):
        query = slow.linear(w, vectors.features[row, 0].numpy())
        context = slow_rivals.asked(query, text.features[row, :length].numpy())
        np.testing.assert_allclose(found[row], np.concatenate([context, query]), atol=1e-14)
    assert attention.output_size == 10


def test_gradients_reach_all_real_words_alone() -> None:
    attention, text = block(), random_words(N_WORDS, 5, on_padding=NAN)
    text.features.requires_grad_()
    attention({"audio": audio(), "text": text}).square().sum().backward()
    grad = text.features.grad
    assert grad is not None and grad.isfinite().all() and grad[text.mask].all() and not grad[~text.mask].any()
    assert all(one.grad is not None and one.grad.any() for one in attention.parameters())


def test_the_query_is_one_vector_an_utterance() -> None:
    with pytest.raises(
        ModelError, match="one vector an utterance is needed of audio, but its encoder gives one a word"
    ):
        block()({"audio": random_words(N_WORDS, 6), "text": random_words(N_WORDS, 5)})
