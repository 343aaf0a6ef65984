"""Rows of different lengths: against Python lists of rows."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mtser.ragged import Ragged, spans

lengths_of_rows = st.lists(st.integers(0, 5), min_size=1, max_size=6)


def rows_of(ragged: Ragged) -> list[list]:
    """The rows, cut by hand."""
    begin, rows = 0, []
    for length in ragged.lengths.tolist():
        rows.append(ragged.values[begin : begin + length].tolist())
        begin += length
    return rows


def numbered(lengths: list[int], *shape: int) -> Ragged:
    """Rows whose values all differ, none zero."""
    n = sum(lengths)
    values = torch.arange(1, 1 + n * int(np.prod(shape)), dtype=torch.float64).view(n, *shape)
    return Ragged(values, np.array(lengths, dtype=np.int64))


@given(lengths_of_rows, st.sampled_from([(), (2,), (2, 3)]))
def test_pad_puts_every_item_in_its_place(lengths: list[int], shape: tuple[int, ...]) -> None:
    ragged = numbered(lengths, *shape)
    grid = ragged.pad()
    assert grid.shape == (len(lengths), max(lengths), *shape)
    for row, (items, length) in enumerate(zip(rows_of(ragged), lengths, strict=True)):
        assert grid[row, :length].tolist() == items
        assert not grid[row, length:].any()


@given(lengths_of_rows, st.data())
def test_select_is_indexing_of_rows(lengths: list[int], data: st.DataObject) -> None:
    ragged = numbered(lengths, 2)
    wanted = data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=8))  # again and again, too
    selected = ragged.select(np.array(wanted, dtype=np.int64))
    assert rows_of(selected) == [rows_of(ragged)[row] for row in wanted]
    assert selected.values.shape[1:] == (2,)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_mean_of_rows_and_rows_of_items(lengths: list[int]) -> None:
    ragged = numbered(lengths, 2, 3)
    expected = [np.mean(row, axis=0) for row in rows_of(ragged)]
    np.testing.assert_allclose(ragged.mean_of_rows().numpy(), expected, rtol=1e-14)
    assert [ragged.row_of_item.tolist().count(row) for row in range(len(lengths))] == lengths
    assert ragged.row_of_item.tolist() == sorted(ragged.row_of_item.tolist())


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), max_size=6))
def test_spans_as_the_slow_loop(pairs: list[tuple[int, int]]) -> None:
    starts, lengths = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    assert spans(starts, lengths).tolist() == [start + i for start, length in pairs for i in range(length)]


@pytest.mark.parametrize("dtype", [torch.int64, torch.float32, torch.bfloat16])
def test_padding_keeps_the_type(dtype: torch.dtype) -> None:
    ragged = Ragged(torch.tensor([1, 2, 3]).to(dtype), np.array([1, 2]))
    assert ragged.pad().dtype == dtype and ragged.select(np.array([1])).values.dtype == dtype
    assert ragged.pad().tolist() == [[1, 0], [2, 3]]


def test_gradients_reach_every_item_once() -> None:
    values = torch.randn(6, 2, dtype=torch.float64, requires_grad=True)
    ragged = Ragged(values, np.array([1, 3, 2]))
    weights = torch.arange(1.0, 7.0, dtype=torch.float64)
    ragged.pad()[torch.tensor([0, 1, 1, 1, 2, 2]), torch.tensor([0, 0, 1, 2, 0, 1])].sum(1).dot(weights).backward()
    assert values.grad is not None
    assert values.grad.tolist() == [[w, w] for w in weights.tolist()]
    assert torch.autograd.gradcheck(lambda v: Ragged(v, ragged.lengths).mean_of_rows(), values)
    assert torch.autograd.gradcheck(lambda v: Ragged(v, ragged.lengths).select(np.array([2, 0, 2])).values, values)


def test_moving_keeps_the_lengths_where_they_are() -> None:
    ragged = numbered([2, 1])
    moved = ragged.to("meta")
    assert moved.values.device.type == "meta" and moved.lengths is ragged.lengths and len(moved) == 2


@given(st.lists(st.sampled_from([0, 1, 60, 130, 400]), min_size=1, max_size=6), st.data())
def test_long_rows_are_selected_as_short_ones_are(lengths: list[int], data: st.DataObject) -> None:
    ragged = numbered(lengths, 2)
    chosen = data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=8))
    selected = ragged.select(np.array(chosen, dtype=np.int64))
    assert rows_of(selected) == [rows_of(ragged)[row] for row in chosen]
    assert selected.values.shape[1:] == (2,) and selected.values.dtype == torch.float64
