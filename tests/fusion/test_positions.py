"""Where a word stands."""

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError
from mtser.fusion import Positions
from tests.helpers import slow


@pytest.mark.parametrize("size", [1, 2, 5, 50])
def test_sinusoids_as_the_slow_loop(size: int) -> None:
    expected = [slow.sinusoid(position, size) for position in range(128)]
    found = Positions(size)(torch.zeros(1, 128, size, dtype=torch.float64))
    np.testing.assert_allclose(found[0], expected, atol=2e-5)  # made in single precision


def test_each_kind_adds_the_same_to_every_utterance() -> None:
    features = torch.randn(2, 4, 6)
    learned = Positions(6, "learned", longest=4)
    assert learned.table is not None
    torch.testing.assert_close(learned(features) - features, learned.table.expand(2, 4, 6))
    torch.testing.assert_close(learned(features[:, :2]) - features[:, :2], learned.table[:2].expand(2, 2, 6))
    assert torch.equal(Positions(6, "none")(features), features)
    assert not list(Positions(6).parameters())


def test_learned_positions_end() -> None:
    with pytest.raises(ConfigError, match="5 items, but the transformer learned only 4 positions"):
        Positions(6, "learned", longest=4)(torch.zeros(1, 5, 6))


def test_unknown_kind() -> None:
    with pytest.raises(ConfigError, match="sinusoidal, learned or none"):
        Positions(6, "relative")
