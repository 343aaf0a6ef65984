"""Pretrained encoders have a learning rate of their own, and no penalty."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from mtser.encoders import ContextualEmbedding, FineTuning
from mtser.features import ContextualWords, HuggingFaceWords
from mtser.training import Penalty
from mtser.training.parameter_groups import parameter_groups
from tests.features.language_models import write_bert

pytest.importorskip("transformers", reason="needs the extra pretrained")


@pytest.fixture
def model(tmp_path: Path) -> nn.Module:
    words = ContextualWords(HuggingFaceWords(str(write_bert(tmp_path))))
    encoder = ContextualEmbedding(words, 4, fine_tuning=FineTuning(tune="top", top_layers=1))
    return nn.ModuleDict({"text": encoder, "classifier": nn.Linear(4, 2)})


def test_without_them_nothing_changes() -> None:
    layer = nn.Linear(2, 1)
    parameters = layer.parameters()
    assert parameter_groups(layer, parameters, 1e-5) is parameters


def test_two_groups(model: nn.Module) -> None:
    optimizer = torch.optim.Adam(parameter_groups(model, model.parameters(), 1e-5), lr=1e-3)
    others, pretrained = optimizer.param_groups
    assert (others["lr"], pretrained["lr"]) == (1e-3, 1e-5)
    tuned = model["text"].tuned  # type: ignore[index]
    assert {id(one) for one in pretrained["params"]} == {
        id(one) for one in tuned.parameters() if one.requires_grad
    }  # what is frozen is in no group
    assert {id(one) for one in others["params"]} == {
        id(one)
        for part in (model["text"].linear, model["classifier"])
        for one in part.parameters()  # type: ignore
    }


def test_groups_stay_groups(model: nn.Module) -> None:
    vectors: list[Any] = [one for one in model.parameters() if one.dim() < 2]
    matrices: list[Any] = [one for one in model.parameters() if one.dim() >= 2]
    given = [{"params": vectors, "weight_decay": 0.0}, {"params": matrices}]
    optimizer = torch.optim.AdamW(parameter_groups(model, given, 1e-5), lr=1e-3, weight_decay=0.5)
    assert [(one["lr"], one["weight_decay"]) for one in optimizer.param_groups] == [(1e-3, 0), (1e-3, 0.5), (1e-5, 0)]
    assert len(optimizer.param_groups[0]["params"]) == 2  # the biases of both linear maps


def test_no_penalty(model: nn.Module) -> None:
    penalised = {id(one) for one in Penalty(embeddings=True).penalised(model)}
    assert penalised == {id(model["text"].linear.weight), id(model["classifier"].weight)}  # type: ignore[index]
