"""Modality dropout: one modality of some utterances is zero, never two."""

import pytest
import torch

from mtser.fusion.modality_dropout import drop_modalities
from tests.helpers.synthetic import random_words

N_WORDS = [2, 3, 1] * 500


def dropped(probability: float, names: str = "ab") -> torch.Tensor:
    """``[modalities, utterances]``: which are zero."""
    torch.manual_seed(0)
    found = drop_modalities({name: random_words(N_WORDS, 4, seed) for seed, name in enumerate(names)}, probability)
    return torch.stack([~one.features.any(2).any(1) for one in found.values()])


@pytest.mark.parametrize("names", ["ab", "abc"])
def test_one_modality_of_a_share_of_the_utterances(names: str) -> None:
    gone = dropped(0.3, names)
    assert gone.sum(0).max() == 1
    assert float(gone.any(0).float().mean()) == pytest.approx(0.3, abs=0.04)
    for each in gone:
        assert float(each.float().mean()) == pytest.approx(0.3 / len(names), abs=0.03)


def test_never_and_always() -> None:
    assert not dropped(0.0).any()
    assert (dropped(1.0).sum(0) == 1).all()


def test_what_is_left_is_left_as_it_was() -> None:
    words = random_words(N_WORDS, 4)
    kept = drop_modalities({"a": words, "b": words}, 0.5)["a"].features
    same = (kept == words.features).flatten(1).all(1)
    assert same.any() and not kept[~same].any()
