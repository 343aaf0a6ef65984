"""Parallel filters along the phones of an utterance: against plain loops."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.encoders import Batch, PhoneCNN
from mtser.errors import ModelError
from tests.features.test_pronunciations import Table, said
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import some_rows

UTTERANCES = [said("OH"), said("NO", "OH", "NO", "OH"), said("OH", "NO"), said("NO", language="de")]
WIDTHS = (1, 2, 5)


@pytest.fixture
def encoder() -> PhoneCNN:
    torch.manual_seed(0)
    made = PhoneCNN(Table(), size=4, widths=WIDTHS, n_filters=3, output_size=6)
    made.fit(UTTERANCES[:2], {})
    return made.double()


def batch_of(encoder: PhoneCNN) -> Batch:
    n_words = np.array([len(one.words) for one in UTTERANCES])
    return Batch(n_words, {encoder.phones: encoder.phones.load(UTTERANCES, None)})


def test_as_the_slow_loop(encoder: PhoneCNN) -> None:
    encoded = encoder(batch_of(encoder), {})
    assert encoded.unit == "utterance" and encoded.features.shape == (4, 1, 6)
    assert encoder.phones.phones == ["<unk>", "N", "OW"]
    for row, phones in enumerate([[2], [1, 2, 2, 1, 2, 2], [2, 1, 2], [0, 0]]):
        expected = slow_rivals.phone_filters(slow.weights(encoder), phones, WIDTHS)
        np.testing.assert_allclose(encoded.features[row, 0].detach(), expected, rtol=1e-12, atol=1e-15)


def test_alone_as_in_a_batch(encoder: PhoneCNN) -> None:
    batch = batch_of(encoder)
    together = encoder(batch, {}).features
    for row in range(len(UTTERANCES)):
        alone = encoder(some_rows(batch, [row]), {}).features
        torch.testing.assert_close(alone[0], together[row], rtol=0, atol=1e-14)


def test_places_behind_the_end_are_not_pooled_even_if_they_are_greatest(encoder: PhoneCNN) -> None:
    assert encoder.embedding is not None
    encoder.embedding.weight.data.abs_().add_(0.1)
    for filters in encoder.filters:
        filters.weight.data.abs_().neg_()  # a phone makes a value smaller, nothing makes it the bias
        filters.bias.data.fill_(9.0)
    encoder.linear.bias.data.fill_(50.0)
    test_alone_as_in_a_batch(encoder)


def test_gradients_reach_every_parameter(encoder: PhoneCNN) -> None:
    for bias in (encoder.linear.bias, *(filters.bias for filters in encoder.filters)):
        bias.data += 1  # few of few ReLUs are shut
    each = torch.randn(4, 1, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    (encoder(batch_of(encoder), {}).features * each).sum().backward()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any() and parameter.grad.isfinite().all(), name


def test_an_unknown_phone_says_nothing_before_it_is_trained(encoder: PhoneCNN) -> None:
    assert encoder.embedding is not None and not encoder.embedding.weight[0].any()
    assert encoder.embedding.weight[1:].any(dim=1).all()


def test_what_was_learned_is_kept(encoder: PhoneCNN, tmp_path: Path) -> None:
    encoder.save_assets(tmp_path)
    other = PhoneCNN(Table(), size=4, widths=WIDTHS, n_filters=3, output_size=6).double()
    other.load_assets(tmp_path)
    other.double().load_state_dict(encoder.state_dict())
    one, two = (each(batch_of(each), {}).features for each in (encoder, other))
    assert torch.equal(one, two) and other.summary() == encoder.summary() == {"phones in the vocabulary": 3}
    with pytest.raises(ModelError, match="phones.json"):
        other.load_assets(tmp_path / "nothing")
