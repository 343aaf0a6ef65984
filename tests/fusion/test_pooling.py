"""One vector from the words of each modality: against plain loops."""

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError
from mtser.fusion import Aggregate, Pooling
from tests.helpers import slow
from tests.helpers.synthetic import random_words

N_WORDS = [4, 1, 3]
NAN = float("nan")
KINDS = ["sum", "mean", "scaled_sum", "attention"]


@pytest.mark.parametrize("kind", KINDS)
def test_aggregate_as_the_slow_loop(kind: str) -> None:
    torch.manual_seed(0)
    aggregate, words = Aggregate(5, kind).double(), random_words(N_WORDS, 5, on_padding=NAN)
    found = aggregate(words).detach()
    query = slow.weights(aggregate).get("query")
    for row, length in enumerate(N_WORDS):
        expected = slow.aggregate(words.features[row, :length].numpy(), kind, query)
        np.testing.assert_allclose(found[row], expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_reach_all_real_items_alone(kind: str) -> None:
    aggregate, words = Aggregate(5, kind).double(), random_words(N_WORDS, 5, on_padding=NAN)
    words.features.requires_grad_()
    aggregate(words).square().sum().backward()
    grad = words.features.grad
    assert grad is not None and grad[words.mask].all() and not grad[~words.mask].any()
    assert all(one.grad is not None and one.grad.any() for one in aggregate.parameters())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("modalities", [["audio"], ["audio", "text"], ["text", "video", "audio"]])
def test_pooling_concatenates_any_number_of_modalities_in_its_order(kind: str, modalities: list[str]) -> None:
    torch.manual_seed(0)
    pooling = Pooling(modalities, size=5, aggregate=kind).double()
    lengths = {"video": [2, 5, 1], "text": N_WORDS, "audio": N_WORDS}
    sequences = {name: random_words(lengths[name], 5, seed, NAN) for seed, name in enumerate(lengths)}
    found = pooling(sequences).detach()
    assert found.shape == (3, 5 * len(modalities)) == (3, pooling.output_size)
    for row in range(3):
        expected = [
            slow.aggregate(
                sequences[name].features[row, : lengths[name][row]].numpy(),
                kind,
                slow.weights(pooling).get(f"aggregate.{name}.query"),
            )
            for name in modalities
        ]
        np.testing.assert_allclose(found[row], np.concatenate(expected), rtol=1e-13, atol=1e-15)


def test_unknown_kind() -> None:
    with pytest.raises(ConfigError, match="sum, mean, scaled_sum or attention"):
        Pooling(aggregate="max")
