"""MDRE's fusion: against plain loops."""

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError, ModelError
from mtser.fusion import ProjectedVectors
from mtser.sequence import Sequence
from tests.helpers import slow
from tests.helpers.synthetic import random_words


def vectors(size: int, seed: int) -> Sequence:
    made = torch.randn(3, 1, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return Sequence(made, torch.ones(3, dtype=torch.int64), "utterance")


def test_as_the_slow_loop() -> None:
    torch.manual_seed(0)
    block = ProjectedVectors({"audio": 6, "text": 4}, {"text": 2, "audio": 3}).double()
    given = {"text": vectors(4, 0), "audio": vectors(6, 1)}
    found, w = block(given).detach(), slow.weights(block)
    for row in range(3):
        expected = [
            slow.linear(slow.part(w, f"project.{name}"), given[name].features[row, 0].numpy())
            for name in ("audio", "text")
        ]
        np.testing.assert_allclose(found[row], np.concatenate(expected), atol=1e-15)
    assert found.shape[1] == block.output_size == 5


def test_gradients_reach_every_map() -> None:
    block = ProjectedVectors({"audio": 6, "text": 4}, {"text": 2, "audio": 3}).double()
    block({"text": vectors(4, 0), "audio": vectors(6, 1)}).square().sum().backward()
    assert all(one.grad is not None and one.grad.all() for one in block.parameters())


def test_misfits() -> None:
    with pytest.raises(ConfigError, match="the vectors of audio, text .* given for audio; name the same"):
        ProjectedVectors({"audio": 6, "text": 4}, {"audio": 3})
    block = ProjectedVectors({"audio": 6}, {"audio": 3})
    with pytest.raises(ModelError, match="let it return the last state alone, or pool it"):
        block({"audio": random_words([2, 1], 6)})
