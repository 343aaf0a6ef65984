"""Every word's attention over all frames: against plain loops, whatever stands on padding, in little memory."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

from mtser.errors import ConfigError, ModelError
from mtser.fusion import AdditiveAttention, DotProductAttention, LearnedAlignment
from mtser.sequence import Sequence
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_words

N_WORDS, N_FRAMES = [4, 1, 3], [7, 20, 1]
NAN = float("nan")


def given(on_padding: float = NAN) -> dict[str, Sequence]:
    frames = random_words(N_FRAMES, 6, seed=1, on_padding=on_padding)
    return {
        "text": random_words(N_WORDS, 6, 0, on_padding),
        "audio": Sequence(frames.features, frames.lengths, "frame"),
    }


KINDS = {
    "dot product": (lambda: DotProductAttention(6, n_heads=2), partial(slow_rivals.dot_product, n_heads=2)),
    "additive": (lambda: AdditiveAttention(6, hidden_size=5), slow_rivals.additive),
}


def block(kind: str) -> LearnedAlignment:
    torch.manual_seed(0)
    return LearnedAlignment(KINDS[kind][0](), size=6, dropout=0.5).double().eval()


@pytest.mark.parametrize("kind", KINDS)
def test_as_the_slow_loop(kind: str) -> None:
    alignment, sequences = block(kind), given()
    aligned = alignment(sequences)["aligned"]
    w = slow.part(slow.weights(alignment), "attention")
    for row in range(3):
        words = sequences["text"].features[row, : N_WORDS[row]].numpy()
        frames = sequences["audio"].features[row, : N_FRAMES[row]].numpy()
        expected = np.concatenate([words, KINDS[kind][1](w, words, frames)], axis=1)
        np.testing.assert_allclose(aligned.features[row, : N_WORDS[row]].detach(), expected, atol=1e-14)
    assert aligned.unit == "word" and aligned.lengths.tolist() == N_WORDS
    assert alignment.output_sizes == {"aligned": 12}


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_reach_all_real_items_alone(kind: str) -> None:
    alignment, sequences = block(kind), given()
    for one in sequences.values():
        one.features.requires_grad_()
    alignment(sequences)["aligned"].masked().features.square().sum().backward()
    for one in sequences.values():
        grad = one.features.grad
        assert grad is not None and grad.isfinite().all() and grad[one.mask].all() and not grad[~one.mask].any()
    for name, one in alignment.named_parameters():
        assert one.grad is not None and one.grad.isfinite().all()
        assert one.grad.any() or name.endswith("key.bias")  # it adds the same to all scores of a word


@pytest.mark.parametrize("kind", KINDS)
def test_alone_as_in_a_batch(kind: str) -> None:
    alignment, sequences = block(kind), given()
    together = alignment(sequences)["aligned"].features
    for row in range(3):
        alone = {
            name: Sequence(one.features[row : row + 1, : one.lengths[row]], one.lengths[row : row + 1], one.unit)
            for name, one in sequences.items()
        }
        found = alignment(alone)["aligned"].features[0]
        torch.testing.assert_close(together[row, : N_WORDS[row]], found, rtol=0, atol=1e-14)


def test_dropout_on_what_is_aligned_alone() -> None:
    alignment, sequences = block("dot product").train(), given(on_padding=0.0)
    torch.manual_seed(0)
    aligned = alignment(sequences)["aligned"]
    assert torch.equal(aligned.features[..., :6], sequences["text"].features)
    share = float((aligned.features[..., 6:][aligned.mask] == 0).double().mean())
    assert 0.3 < share < 0.7


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision_comes_close(kind: str) -> None:
    alignment, sequences = block(kind).float(), given(on_padding=0.0)
    single = {name: one.with_features(one.features.float()) for name, one in sequences.items()}
    expected = alignment(single)["aligned"].masked().features
    with torch.autocast("cpu", torch.bfloat16):
        found = alignment(single)["aligned"].masked().features
    torch.testing.assert_close(found.float(), expected, rtol=0, atol=0.05)


def test_dot_products_are_computed_in_one_piece_that_keeps_no_weights() -> None:
    """PyTorch's fused attention on the CPU takes the mask and the heads' width as they are here."""
    sequences = {
        name: Sequence(torch.randn(2, n, 200), torch.tensor([n, n // 2]), "word")
        for name, n in (("text", 4), ("audio", 30))
    }
    with nn.attention.sdpa_kernel([nn.attention.SDPBackend.FLASH_ATTENTION]):
        LearnedAlignment(DotProductAttention(200, n_heads=8))(sequences)


def test_misfits() -> None:
    with pytest.raises(ConfigError, match="size 200 is not divisible by its 7 heads"):
        DotProductAttention(200, n_heads=7)
    with pytest.raises(ModelError, match="has size 6, but the words and frames have 200"):
        LearnedAlignment(DotProductAttention(6, n_heads=2))
