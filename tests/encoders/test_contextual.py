"""Frozen word vectors as an encoder."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mtser.encoders import Batch, ContextualEmbedding
from mtser.features import ContextualWords, TextExtractor
from tests.helpers.synthetic import random_rows


class Seven(TextExtractor):
    """Seven numbers that nobody computes."""

    dimension = 7

    def settings(self) -> dict[str, Any]:
        return {"class": "Seven"}

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        raise AssertionError("these tests bring their own numbers")


WORDS = ContextualWords(Seven())
N_WORDS = np.array([4, 1, 3])
BATCH = Batch(N_WORDS, {WORDS: random_rows([1] * 8, 7)})


def test_vectors_as_they_are() -> None:
    encoder = ContextualEmbedding(WORDS).double()
    sequence = encoder(BATCH, {})
    assert encoder.output_size == 7 and not list(encoder.parameters()) and encoder.inputs == (WORDS,)
    assert torch.equal(sequence.features[sequence.mask], BATCH[WORDS].values)
    assert sequence.unit == "word" and sequence.lengths.tolist() == N_WORDS.tolist()


def test_one_linear_map() -> None:
    encoder = ContextualEmbedding(WORDS, size=5).double()
    weight, bias = encoder.linear.weight.detach().numpy(), encoder.linear.bias.detach().numpy()
    sequence = encoder(BATCH, {})
    found = sequence.features[sequence.mask].detach().numpy()
    for vector, row in zip(BATCH[WORDS].values.numpy(), found, strict=True):
        expected = [sum(weight[k, j] * vector[j] for j in range(7)) + bias[k] for k in range(5)]
        np.testing.assert_allclose(row, expected, rtol=0, atol=1e-12)
    assert encoder.output_size == 5


def test_word_dropout_takes_whole_words_in_training_alone() -> None:
    encoder = ContextualEmbedding(WORDS, word_dropout=0.5).double()
    torch.manual_seed(0)
    sequence = encoder.train()(BATCH, {})
    found, given = sequence.features[sequence.mask], BATCH[WORDS].values
    dropped = ~found.any(1)
    assert 0 < dropped.sum() < 8 and torch.equal(found[~dropped], given[~dropped])
    sequence = encoder.eval()(BATCH, {})
    assert torch.equal(sequence.features[sequence.mask], given)


def test_without_word_dropout_nothing_is_drawn() -> None:
    state = torch.get_rng_state()
    ContextualEmbedding(WORDS).double().train()(BATCH, {})
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("where", ["input_dropout", "dropout"])
def test_dropout_on_either_side_of_the_map_in_training_alone(where: str) -> None:
    torch.manual_seed(0)
    encoder = ContextualEmbedding(WORDS, size=5, **{where: 0.5}).double()
    given = BATCH[WORDS].values
    torch.manual_seed(1)
    found = encoder.train()(BATCH, {})
    torch.manual_seed(1)
    before = nn.functional.dropout(given, 0.5) if where == "input_dropout" else given
    expected = encoder.linear(before)
    expected = expected if where == "input_dropout" else nn.functional.dropout(expected, 0.5)
    assert torch.equal(found.features[found.mask], expected)
    judged = encoder.eval()(BATCH, {})
    assert torch.equal(judged.features[judged.mask], encoder.linear(given))
