"""The heads for attributes."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mtser.classifiers import AttributeRegressor, MLPClassifier, MultitaskHead
from mtser.errors import ModelError
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_utterances

UTTERANCES = random_utterances(9)


def test_as_the_slow_loop_on_the_scale_of_the_ratings() -> None:
    head = AttributeRegressor(input_size=6, hidden_size=4).double().eval()
    head.fit(UTTERANCES)
    ratings = np.array([one.vad for one in UTTERANCES])
    np.testing.assert_allclose(head.mean, ratings.mean(0), rtol=1e-12)
    np.testing.assert_allclose(head.std, ratings.std(0), rtol=1e-12)
    vectors = torch.randn(5, 6, dtype=torch.float64)
    expected = [slow_rivals.attributes(slow.weights(head), vector) for vector in vectors.numpy()]
    np.testing.assert_allclose(head(vectors).detach(), expected, rtol=1e-13, atol=1e-15)


def test_ratings_that_are_missing_are_not_learned_from() -> None:
    some = [
        replace(UTTERANCES[0], vad=(1.0, None, 5.0)),
        replace(UTTERANCES[1], vad=(3.0, None, 5.0)),
        replace(UTTERANCES[2], vad=None),
        replace(UTTERANCES[3], vad=(float("nan"), None, 5.0)),
    ]
    head = AttributeRegressor(input_size=6)
    head.fit(some)
    assert head.mean.tolist() == [2.0, 0.0, 5.0]
    assert head.std.tolist() == [1.0, 1.0, 1.0]  # of no rating and of equal ones 1


def test_the_scale_is_kept_with_the_weights() -> None:
    head = AttributeRegressor(input_size=6)
    head.fit(UTTERANCES)
    other = AttributeRegressor(input_size=6)
    other.load_state_dict(head.state_dict())
    vectors = torch.randn(2, 6)
    assert torch.equal(head.eval()(vectors), other.eval()(vectors)) and other.mean.abs().min() > 0


def branches(**widths: int) -> dict[str, AttributeRegressor]:
    return {name: AttributeRegressor(input_size=width, hidden_size=4) for name, width in widths.items()}


def test_each_branch_sees_its_own_part_of_the_vector() -> None:
    head = MultitaskHead(
        AttributeRegressor(input_size=6), MLPClassifier(4, input_size=6), branches(audio=2, text=4)
    ).eval()
    head.fit(UTTERANCES)
    vectors = torch.randn(3, 6)
    outputs = head(vectors)
    assert torch.equal(outputs.logits, head.classes(vectors))
    assert torch.equal(outputs.attributes, head.attributes(vectors))
    assert torch.equal(outputs.branches["audio"], head.branches["audio"](vectors[:, :2]))
    assert torch.equal(outputs.branches["text"], head.branches["text"](vectors[:, 2:]))
    assert all(torch.equal(one.mean, head.attributes.mean) and one.mean[0] > 0 for one in head.branches.values())


def test_attributes_alone() -> None:
    outputs = MultitaskHead(AttributeRegressor(input_size=6))(torch.randn(3, 6))
    assert outputs.logits is None and outputs.attributes.shape == (3, 3) and not outputs.branches


def test_half_precision_does_not_round_ratings() -> None:
    head = AttributeRegressor(input_size=6).eval()
    head.fit(UTTERANCES)
    vectors = torch.randn(50, 6)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = head(vectors)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, head(vectors), rtol=0, atol=0.02)


def test_parts_that_do_not_fit() -> None:
    regressor = AttributeRegressor(input_size=6)
    with pytest.raises(ModelError, match="classes expect vectors of size 100, its attributes of size 6"):
        MultitaskHead(regressor, MLPClassifier(4, input_size=100))
    with pytest.raises(ModelError, match=r"take 2 \+ 2 numbers of an utterance's vector, which has 6"):
        MultitaskHead(regressor, branches=branches(audio=2, text=2))
