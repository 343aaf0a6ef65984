"""A batch gives its words back as sequences."""

import numpy as np
import torch

from mtser.encoders import Batch, WordTokenizer
from tests.helpers.synthetic import random_rows


def test_words_become_a_padded_sequence() -> None:
    words = torch.arange(1.0, 7.0).unsqueeze(1)
    sequence = Batch(np.array([2, 1, 3]), {}).sequence(words)
    assert sequence.features.squeeze(-1).tolist() == [[1, 2, 0], [3, 0, 0], [4, 5, 6]]
    assert sequence.lengths.tolist() == [2, 1, 3] and sequence.unit == "word"


def test_data_are_found_by_the_input_itself() -> None:
    one, other = WordTokenizer(), WordTokenizer()  # equal, empty, and yet two keys
    tables = random_rows([1], 1), random_rows([2], 1)
    batch = Batch(np.array([1]), {one: tables[0], other: tables[1]})
    assert batch[one] is tables[0] and batch[other] is tables[1]
