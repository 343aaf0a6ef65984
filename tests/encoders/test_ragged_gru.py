"""The GRU over words without padding: against plain loops, against nn.GRU word by word, and its gradients."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mtser.encoders import RaggedGRU
from mtser.ragged import Ragged
from tests.helpers import slow
from tests.helpers.synthetic import random_rows

LENGTHS = {
    "mixed": [3, 1, 5, 2, 5, 1],
    "already sorted": [4, 3, 1],
    "equal": [3, 3, 3],
    "one word": [6],
    "one word of one frame": [1],
    "words of one frame": [1, 1, 1],
    "a long one": [1, 64, 2],
}


def in_order_of_rows(states: Tensor, order: np.ndarray) -> Tensor:
    """Undo the running order."""
    return states[torch.from_numpy(np.argsort(order))]


def word_by_word(gru: nn.GRU, rows: Ragged) -> Tensor:
    """PyTorch's own GRU (not ours) on each word alone, from a state of zeros."""
    return torch.cat([nn.GRU.forward(gru, row.unsqueeze(0))[0][0] for row in rows.values.split(rows.lengths.tolist())])


def twin(gru: RaggedGRU) -> nn.GRU:
    """Return PyTorch's GRU with the same weights."""
    other = nn.GRU(gru.input_size, gru.hidden_size, batch_first=True).to(gru.weight_ih_l0.dtype)
    other.load_state_dict(gru.state_dict())
    return other


@pytest.fixture
def gru() -> RaggedGRU:
    torch.manual_seed(0)
    return RaggedGRU(4, 3).double()


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_states_as_the_slow_loop(gru: RaggedGRU, lengths: list[int]) -> None:
    rows = random_rows(lengths, 4)
    states, order = gru(rows)
    assert sorted(order.tolist()) == list(range(sum(lengths)))
    expected = [slow.gru(slow.weights(gru), row.numpy()) for row in rows.values.split(lengths)]
    np.testing.assert_allclose(in_order_of_rows(states, order).detach(), np.concatenate(expected), atol=1e-14)


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_states_and_gradients_as_torch_word_by_word(gru: RaggedGRU, lengths: list[int]) -> None:
    rows, other = random_rows(lengths, 4), twin(gru)
    ours, theirs = rows.values.clone().requires_grad_(), rows.values.clone().requires_grad_()
    states = in_order_of_rows(*gru(Ragged(ours, rows.lengths)))
    expected = word_by_word(other, Ragged(theirs, rows.lengths))
    torch.testing.assert_close(states, expected, rtol=0, atol=1e-14)

    each = torch.randn(states.shape, dtype=states.dtype, generator=torch.Generator().manual_seed(1))
    (states * each).sum().backward()
    (expected * each).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-13)
    for (name, mine), (_, its) in zip(gru.named_parameters(), other.named_parameters(), strict=True):
        assert mine.grad is not None
        torch.testing.assert_close(mine.grad, its.grad, rtol=0, atol=1e-12, msg=name)


@pytest.mark.parametrize("lengths", [[3, 1, 2], [2, 2], [1]])
def test_gradients_by_differences(gru: RaggedGRU, lengths: list[int]) -> None:
    rows = random_rows(lengths, 4)
    names = [name for name, _ in gru.named_parameters()]

    def run(values: Tensor, *weights: Tensor) -> Tensor:
        called = torch.func.functional_call(
            gru, dict(zip(names, weights, strict=True)), (Ragged(values, rows.lengths),)
        )
        return called[0]

    at = [rows.values.requires_grad_(), *(one.detach().clone().requires_grad_() for one in gru.parameters())]
    assert torch.autograd.gradcheck(run, tuple(at))


def test_only_some_gradients_are_wanted(gru: RaggedGRU) -> None:
    rows = random_rows([2, 3], 4)
    gru.bias_ih_l0.requires_grad_(False)
    gru(rows)[0].sum().backward()  # frames need no gradient either
    assert gru.bias_ih_l0.grad is None and gru.weight_ih_l0.grad is not None


def test_running_order_is_step_by_step_longest_first(gru: RaggedGRU) -> None:
    rows = random_rows([1, 3, 2], 4)  # items 0 | 1 2 3 | 4 5
    assert gru(rows)[1].tolist() == [1, 4, 0, 2, 5, 3]


def test_a_word_does_not_see_its_neighbours(gru: RaggedGRU) -> None:
    rows = random_rows([2, 3, 2], 4)
    values = rows.values.clone()
    values[:2], values[5:] = torch.nan, 1e6
    before, after = (in_order_of_rows(*gru(Ragged(one, rows.lengths)))[2:5] for one in (rows.values, values))
    assert torch.equal(before, after)


def test_single_precision_at_the_papers_size() -> None:
    torch.manual_seed(0)
    gru = RaggedGRU(39, 50)
    rows = random_rows(list(np.random.default_rng(0).integers(1, 65, 30)), 39, dtype=torch.float32)
    expected = word_by_word(twin(gru).double(), Ragged(rows.values.double(), rows.lengths))
    torch.testing.assert_close(in_order_of_rows(*gru(rows)).double(), expected, rtol=0, atol=2e-6)


def test_mixed_precision_on_the_cpu_stays_in_single() -> None:
    torch.manual_seed(0)
    gru, rows = RaggedGRU(4, 3), random_rows([3, 1, 5], 4, dtype=torch.float32)
    states, _ = gru(rows)
    states.sum().backward()
    plain = [one.grad for one in gru.parameters()]
    gru.zero_grad()
    with torch.autocast("cpu", torch.bfloat16):
        mixed, _ = gru(Ragged(rows.values.bfloat16().float(), rows.lengths))
        also, _ = gru(rows)
    assert mixed.dtype == also.dtype == torch.float32
    assert torch.equal(also, states)
    also.sum().backward()
    for once, parameter in zip(plain, gru.parameters(), strict=True):
        torch.testing.assert_close(parameter.grad, once)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_on_a_gpu_as_on_the_cpu(lengths: list[int]) -> None:
    torch.manual_seed(0)
    gru, rows = RaggedGRU(4, 3), random_rows(lengths, 4, dtype=torch.float32)
    states, order = gru(rows)
    there, order_there = gru.cuda()(rows.to("cuda"))
    assert order.tolist() == order_there.tolist()
    torch.testing.assert_close(there.cpu(), states, rtol=0, atol=1e-5)
