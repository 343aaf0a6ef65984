"""The maximum over words, and the present turn of a dialog."""

import pytest
import torch

from mtser.errors import ConfigError
from mtser.fusion import ContextPooling
from mtser.sequence import Sequence
from tests.helpers.synthetic import random_words

N_ITEMS = [4, 1, 3]


def items(seed: int, unit: str) -> Sequence:
    words = random_words(N_ITEMS, 5, seed, float("nan"))
    return Sequence(words.features, words.lengths, unit)


@pytest.mark.parametrize("unit", ["word", "turn"])
def test_padding_never_counts(unit: str) -> None:
    sequences = {"audio": items(0, unit), "text": items(1, unit)}
    found = ContextPooling(["text", "audio"], size=5)(sequences)
    for row, n in enumerate(N_ITEMS):
        text, audio = (sequences[name].features[row, :n] for name in ("text", "audio"))
        expected = [one.max(0).values if unit == "word" else one[-1] for one in (text, audio)]
        assert torch.equal(found[row], torch.cat(expected))


def test_widths_are_told() -> None:
    pooling = ContextPooling(size=5)
    assert (pooling.input_sizes, pooling.output_size) == ({"audio": 5, "text": 5}, 10)
    with pytest.raises(ConfigError, match="names of the modalities"):
        ContextPooling([], size=5)
