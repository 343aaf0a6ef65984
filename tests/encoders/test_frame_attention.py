"""Attention over the frames of a word (eqs. 6 and 7): against plain loops."""

import numpy as np
import pytest
import torch
from torch import Tensor

from mtser.encoders import FrameAttention
from mtser.errors import ConfigError
from tests.helpers import slow

WORD = torch.tensor([2, 0, 1, 0, 2, 2, 0, 2, 2])  # of each frame; in no order, word 1 has one frame
KINDS = {
    "text, softmax": {"query_size": 5},
    "text, sigmoid": {"query_size": 5, "norm": "sigmoid"},
    "learned, softmax": {"query_size": None},
    "learned, sigmoid": {"query_size": None, "norm": "sigmoid"},
    "mean": {"query_size": None, "without_query": "mean"},
    "mean, sigmoid": {"query_size": None, "without_query": "mean", "norm": "sigmoid"},
}


def made(options: dict) -> FrameAttention:
    torch.manual_seed(0)
    return FrameAttention(size=4, **options).double()


@pytest.fixture
def states() -> Tensor:
    return torch.randn(9, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def queries() -> Tensor:
    return torch.randn(3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_as_the_slow_loop(options: dict, states: Tensor, queries: Tensor) -> None:
    attention = made(options)
    w, norm = slow.weights(attention), options.get("norm", "softmax")
    given = queries if options["query_size"] else None
    alpha = attention.weights(states, WORD, 3, given).detach().numpy()
    vectors = attention(states, WORD, 3, given).detach().numpy()
    for word in range(3):
        own = (word == WORD).numpy()
        query = queries[word].numpy() if given is not None else None
        np.testing.assert_allclose(alpha[own], slow.frame_weights(w, states[own].numpy(), query, norm), rtol=1e-13)
        np.testing.assert_allclose(
            vectors[word], slow.word_vector(w, states[own].numpy(), query, norm), rtol=1e-12, atol=1e-15
        )
        assert alpha[own].sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_order_of_frames_does_not_matter(options: dict, states: Tensor, queries: Tensor) -> None:
    attention = made(options)
    given = queries if options["query_size"] else None
    shuffled = torch.tensor([4, 8, 0, 2, 7, 1, 6, 3, 5])
    torch.testing.assert_close(
        attention(states[shuffled], WORD[shuffled], 3, given), attention(states, WORD, 3, given), rtol=0, atol=1e-14
    )


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_gradients_by_differences(options: dict, states: Tensor, queries: Tensor) -> None:
    attention = made(options)
    names = [name for name, _ in attention.named_parameters()]

    def run(states: Tensor, queries: Tensor, *weights: Tensor) -> Tensor:
        given = queries if options["query_size"] else None
        changed = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(attention, changed, (states, WORD, 3, given))

    at = [one.detach().clone().requires_grad_() for one in (states, queries, *attention.parameters())]
    assert torch.autograd.gradcheck(run, tuple(at))


@pytest.mark.parametrize("norm", ["softmax", "sigmoid"])
@pytest.mark.parametrize("scale", [-1e4, -200.0, 200.0, 1e4])
def test_great_scores_leave_weights_finite(norm: str, scale: float) -> None:
    attention = FrameAttention(size=1, query_size=None, norm=norm)
    attention.query.data.fill_(scale)
    states, word = torch.tensor([[1.0], [1.0], [-1.0], [1.0], [1.0], [-1.0]]), torch.tensor([0, 0, 0, 1, 1, 2])
    weights = attention.weights(states, word, 3)
    first = [0.5, 0.5, 0.0] if scale > 0 else [0.0, 0.0, 1.0]
    assert weights.tolist() == pytest.approx([*first, 0.5, 0.5, 1.0], abs=1e-30)
    weights.sum().backward()
    assert attention.query.grad.isfinite().all()


def test_negative_scores_bring_no_negative_weight_and_words_do_not_mix(states: Tensor, queries: Tensor) -> None:
    attention = made(KINDS["text, softmax"])
    before = attention.weights(states, WORD, 3, queries)
    assert (before > 0).all()
    changed = queries.clone()
    changed[2] *= -3
    after = attention.weights(states, WORD, 3, changed)
    assert torch.equal(after[WORD != 2], before[WORD != 2]) and not torch.equal(after[WORD == 2], before[WORD == 2])


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_states_in_half_precision(options: dict, half: torch.dtype, states: Tensor, queries: Tensor) -> None:
    # Mixed precision on a GPU: the GRU there gives states in half precision, sums come in single.
    attention = made(options).float()
    given = queries.float() if options["query_size"] else None
    expected = attention(states.to(half).float(), WORD, 3, given)
    with torch.autocast("cpu", half):
        vectors = attention(states.to(half), WORD, 3, given)
        alpha = attention.weights(states.to(half), WORD, 3, given)
    torch.testing.assert_close(vectors.float(), expected, rtol=0.05, atol=0.05)
    sums = torch.zeros(3).index_add(0, WORD, alpha)
    torch.testing.assert_close(sums, torch.ones(3))


@pytest.mark.parametrize("options", [{"norm": "sparsemax"}, {"query_size": None, "without_query": "last"}])
def test_unknown_options(options: dict) -> None:
    with pytest.raises(ConfigError, match="it can be"):
        FrameAttention(**options)
