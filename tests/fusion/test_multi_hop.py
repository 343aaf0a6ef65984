"""The hops of MHA-1, MHA-2 and MHA-3: against plain loops, whatever stands on padding."""

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError, ModelError
from mtser.fusion import MultiHopAttention
from mtser.sequence import Sequence
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_words

N_WORDS, N_FRAMES = [4, 1, 3], [7, 20, 1]
NAN = float("nan")


def block(hops: int, bidirectional: bool = True) -> MultiHopAttention:
    torch.manual_seed(0)
    return MultiHopAttention(size=6, hops=hops, bidirectional=bidirectional).double()


def given(on_padding: float = NAN) -> dict[str, Sequence]:
    frames = random_words(N_FRAMES, 6, seed=1, on_padding=on_padding)
    return {
        "audio": Sequence(frames.features, frames.lengths, "frame"),
        "text": random_words(N_WORDS, 6, 0, on_padding),
    }


@pytest.mark.parametrize("hops", [1, 2, 3])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_as_the_slow_loop(hops: int, bidirectional: bool) -> None:
    attention, sequences = block(hops, bidirectional), given()
    found = attention(sequences).detach()
    w = slow.weights(attention)

    def ask(number: int, vector: np.ndarray, items: np.ndarray) -> np.ndarray:
        return slow_rivals.asked(slow.linear(slow.part(w, f"project.{number}"), vector), items)

    for row in range(3):
        audio = sequences["audio"].features[row, : N_FRAMES[row]].numpy()
        text = sequences["text"].features[row, : N_WORDS[row]].numpy()
        summary = np.concatenate([audio[-1, :3], audio[0, 3:]]) if bidirectional else audio[-1]
        h1 = ask(0, summary, text)
        expected = [h1, summary]
        if hops > 1:
            h2 = ask(1, h1, audio)
            expected = [h1, h2]
        if hops > 2:
            expected = [ask(2, h2, text), h2]
        np.testing.assert_allclose(found[row], np.concatenate(expected), atol=1e-13)
    assert attention.output_size == found.shape[1] == 12


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_gradients_reach_all_real_items_alone(hops: int) -> None:
    attention, sequences = block(hops), given()
    for one in sequences.values():
        one.features.requires_grad_()
    attention(sequences).square().sum().backward()
    for name, one in sequences.items():
        grad = one.features.grad
        assert grad is not None and not grad[~one.mask].any() and grad.isfinite().all()
        if hops > 1 or name == "text":  # of the audio the first hop has the ends alone
            assert grad[one.mask].any(1).all()
    assert all(one.grad is not None and one.grad.any() for one in attention.parameters())


def test_misfits() -> None:
    with pytest.raises(ConfigError, match="hops is 4; it can be 1, 2 or 3"):
        MultiHopAttention(hops=4)
    vector = Sequence(torch.randn(2, 1, 6).double(), torch.ones(2, dtype=torch.int64), "utterance")
    with pytest.raises(ModelError, match="hops go over the states of audio"):
        block(2)({"audio": vector, "text": random_words([2, 1], 6)})
