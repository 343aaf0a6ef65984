"""The L1 and L2 penalties: how much, and on what."""

import numpy as np
import pytest
import torch
from torch import nn

from mtser.encoders import FrameAttention, RaggedGRU
from mtser.fusion import Aggregate, Positions, SharedTransformer
from mtser.training import Penalty
from tests.helpers.systems import build


class Blocks(nn.Module):
    """One of everything that has weights."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.linear = nn.Linear(4, 3)
        self.again = self.linear  # the same, under another name
        self.frozen = nn.Linear(4, 3).requires_grad_(False)
        self.norm = nn.LayerNorm(4)
        self.gru = RaggedGRU(4, 3)
        self.learned = FrameAttention(3, query_size=None)
        self.textual = FrameAttention(3, query_size=4)
        self.query = Aggregate(4, "attention")
        self.positions = Positions(4, "learned", longest=6)


MATRICES = {"linear.weight", "gru.weight_ih_l0", "gru.weight_hh_l0", "textual.weight.weight"}
EMBEDDINGS = {"embedding.weight", "positions.table"}


def names(model: nn.Module, penalty: Penalty) -> list[str]:
    """The parameters that are penalised, by name; a repeated one would stand twice."""
    known = {id(parameter): name for name, parameter in model.named_parameters()}
    return [known[id(tensor)] for tensor in penalty.penalised(model)]


def test_weight_matrices_and_nothing_else_are_penalised() -> None:
    assert sorted(names(Blocks(), Penalty())) == sorted(MATRICES)
    assert sorted(names(Blocks(), Penalty(embeddings=True))) == sorted(MATRICES | EMBEDDINGS)


@pytest.mark.parametrize("embeddings", [False, True])
@pytest.mark.parametrize(("l1", "l2"), [(1e-4, 2e-4), (0.3, 0.0), (0.0, 0.7), (0.0, 0.0)])
def test_as_the_slow_loop(l1: float, l2: float, embeddings: bool) -> None:
    torch.manual_seed(0)
    model = Blocks()
    expected = 0.0
    parameters = dict(model.named_parameters())
    for name in MATRICES | EMBEDDINGS if embeddings else MATRICES:
        for w in parameters[name].detach().double().flatten().tolist():
            expected += l1 * abs(w) + l2 * w * w
    with torch.no_grad():
        assert float(Penalty(l1, l2, embeddings)(model)) == pytest.approx(expected, 1e-6)


def test_gradient() -> None:
    torch.manual_seed(0)
    model = Blocks()
    Penalty(0.3, 0.7)(model).backward()  # type: ignore[union-attr]
    for name, parameter in model.named_parameters():
        if name in MATRICES:
            w = parameter.detach().double().numpy()
            np.testing.assert_allclose(parameter.grad, 0.3 * np.sign(w) + 1.4 * w, rtol=1e-5, atol=1e-6)
        else:
            assert parameter.grad is None, name


def test_the_papers_numbers_are_the_defaults() -> None:
    assert (Penalty().l1, Penalty().l2, Penalty().embeddings) == (1e-4, 2e-4, False)


def test_nothing_to_penalise() -> None:
    assert Penalty()(nn.LayerNorm(3)) == 0.0


def test_shared_weights_are_penalised_once() -> None:
    shared, alone = (SharedTransformer({"a": 4, "b": 4}, size=4, n_heads=1, share=s) for s in (["q", "k"], []))
    assert len(Penalty().penalised(alone)) - len(Penalty().penalised(shared)) == 2 * 2  # two kinds in two blocks


def test_what_the_papers_system_penalises() -> None:
    system = build("full")
    block = [
        "projections.q.shared",
        "projections.k.shared",
        *(f"{kind}.{name}" for kind in ("projections.v", "output") for name in ("text", "audio")),
        *(f"feed_forward.{name}.{layer}" for name in ("text", "audio") for layer in (0, 2)),
    ]
    expected = [
        "encoders.audio.gru.weight_ih_l0",
        "encoders.audio.gru.weight_hh_l0",
        "encoders.audio.attention.weight.weight",
        "fusion.0.project.text.weight",
        *(f"fusion.0.blocks.{number}.{part}.weight" for number in (0, 1) for part in block),
        *(f"fusion.1.{kind}.{name}.weight" for kind in ("relation", "own") for name in ("audio", "text")),
        "fusion.2.linear.weight",
        "classifier.hidden.weight",
        "classifier.logits.weight",
    ]
    penalty = system["training"].penalty
    assert sorted(names(system["model"], penalty)) == sorted(expected)
    assert (penalty.l1, penalty.l2) == (1e-4, 2e-4)
