"""Recurrent nets over long rows without padding: against plain loops, and against PyTorch row by row."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mtser.encoders import RaggedRNN
from mtser.errors import ConfigError
from mtser.ragged import Ragged
from tests.helpers import slow
from tests.helpers.synthetic import random_rows

LENGTHS = {
    "mixed": [3, 1, 5, 2, 5, 1],
    "already sorted": [4, 3, 1],
    "equal": [3, 3, 3],
    "one row": [6],
    "one row of one item": [1],
    "rows of one item": [1, 1, 1],
    "a long one": [1, 64, 2],
}
KINDS = [("gru", False), ("gru", True), ("lstm", False), ("lstm", True)]


@pytest.fixture(params=KINDS, ids=[f"{'bi' * two}{cell}" for cell, two in KINDS])
def kind(request: pytest.FixtureRequest) -> tuple[str, bool]:
    return request.param


def net_of(kind: tuple[str, bool], input_size: int = 4, hidden_size: int = 3) -> RaggedRNN:
    torch.manual_seed(0)
    return RaggedRNN(input_size, hidden_size, cell=kind[0], bidirectional=kind[1]).double()


def twin(net: RaggedRNN, kind: tuple[str, bool]) -> nn.RNNBase:
    """Return PyTorch's own net with the same weights."""
    maker = {"gru": nn.GRU, "lstm": nn.LSTM}[kind[0]]
    other = maker(net.input_size, net.hidden_size, batch_first=True, bidirectional=kind[1]).double()
    for direction, suffix in zip(net.nets, ("", "_reverse"), strict=False):
        for name, value in direction.named_parameters():
            other.get_parameter(name + suffix).data.copy_(value.data)
    return other


def row_by_row(net: nn.RNNBase, rows: Ragged) -> Tensor:
    return torch.cat([net(row.unsqueeze(0))[0][0] for row in rows.values.split(rows.lengths.tolist())])


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_as_the_slow_loop(kind: tuple[str, bool], lengths: list[int]) -> None:
    net, rows = net_of(kind), random_rows(lengths, 4)
    states = net(rows)
    last = net.last(states).detach()
    w = slow.weights(net)
    expected = [slow.directions(w, row.numpy(), kind[0]) for row in rows.values.split(lengths)]
    np.testing.assert_allclose(states.values.detach(), np.concatenate(expected), atol=1e-14)
    for row, found in enumerate(expected):
        np.testing.assert_allclose(last[row], slow.last_state(w, found), atol=1e-14)
    assert states.lengths.tolist() == lengths and last.shape == (len(lengths), net.output_size)


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_states_and_gradients_as_torch_row_by_row(kind: tuple[str, bool], lengths: list[int]) -> None:
    net, rows = net_of(kind), random_rows(lengths, 4)
    other = twin(net, kind)
    ours, theirs = rows.values.clone().requires_grad_(), rows.values.clone().requires_grad_()
    states = net(Ragged(ours, rows.lengths)).values
    expected = row_by_row(other, Ragged(theirs, rows.lengths))
    torch.testing.assert_close(states, expected, rtol=0, atol=1e-14)

    each = torch.randn(states.shape, dtype=states.dtype, generator=torch.Generator().manual_seed(1))
    (states * each).sum().backward()
    (expected * each).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-13)
    for direction, suffix in zip(net.nets, ("", "_reverse"), strict=False):
        for name, mine in direction.named_parameters():
            assert mine.grad is not None
            torch.testing.assert_close(mine.grad, other.get_parameter(name + suffix).grad, rtol=0, atol=1e-12)


def test_a_row_does_not_see_its_neighbours(kind: tuple[str, bool]) -> None:
    net, rows = net_of(kind), random_rows([2, 3, 2], 4)
    values = rows.values.clone()
    values[:2], values[5:] = torch.nan, 1e6
    before, after = (net(Ragged(one, rows.lengths)).values[2:5] for one in (rows.values, values))
    assert torch.equal(before, after)


def test_nothing_is_computed_on_padding(kind: tuple[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    net, rows, seen = net_of(kind), random_rows([7, 2, 4, 4], 4), 0
    forward = type(net.nets[0]).forward

    def counting(self: nn.RNNBase, grid: Tensor, *args: object) -> object:
        nonlocal seen
        seen += grid.shape[0] * grid.shape[1]
        return forward(self, grid, *args)

    monkeypatch.setattr(type(net.nets[0]), "forward", counting)
    net(rows)
    assert seen == 17 * len(net.nets)


def test_single_precision_at_full_size(kind: tuple[str, bool]) -> None:
    """In single precision PyTorch runs an LSTM by oneDNN's fused kernels, which float64 never meets."""
    net = net_of(kind, 39, 100).float()
    rows = random_rows(list(np.random.default_rng(0).integers(1, 200, 8)), 39, dtype=torch.float32)
    states = net(rows).values
    each = torch.randn(states.shape, generator=torch.Generator().manual_seed(1))
    (states * each).sum().backward()
    other = twin(net, kind)
    expected = row_by_row(other, Ragged(rows.values.double(), rows.lengths))
    (expected * each).sum().backward()
    torch.testing.assert_close(states.double(), expected, rtol=0, atol=1e-5)
    for direction, suffix in zip(net.nets, ("", "_reverse"), strict=False):
        for name, mine in direction.named_parameters():
            theirs = other.get_parameter(name + suffix).grad
            assert mine.grad is not None and theirs is not None
            torch.testing.assert_close(mine.grad.double(), theirs, rtol=0, atol=1e-4 * float(theirs.abs().max()))


def test_mixed_precision_on_the_cpu_stays_in_single(kind: tuple[str, bool]) -> None:
    net, rows = net_of(kind).float(), random_rows([3, 1, 5], 4, dtype=torch.float32)
    expected = net(rows).values
    with torch.autocast("cpu", torch.bfloat16):
        found = net(rows).values
        assert net(Ragged(rows.values.bfloat16(), rows.lengths)).values.dtype == torch.float32
    assert torch.equal(found, expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_on_a_gpu_as_on_the_cpu(kind: tuple[str, bool], lengths: list[int]) -> None:
    net, rows = net_of(kind).float(), random_rows(lengths, 4, dtype=torch.float32)
    expected = net(rows).values
    torch.testing.assert_close(net.cuda()(rows.to("cuda")).values.cpu(), expected, rtol=0, atol=1e-5)


def test_unknown_cell() -> None:
    with pytest.raises(ConfigError, match="'rnn'; it can be gru or lstm"):
        RaggedRNN(4, 3, cell="rnn")
