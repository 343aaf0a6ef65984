"""Frames → phones → words: against plain loops."""

import numpy as np
import pytest
import torch

from mtser.encoders import Batch, PhoneSpeech
from mtser.features import TorchMFCC, WordFrames
from mtser.ragged import Ragged
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_rows, some_rows

N_WORDS = [3, 1, 2]
OF_PHONES = [[4, 0, 2], [1], [0, 0, 3], [5, 2], [0, 1], [64]]  # frames of each phone of each word
N_FRAMES = [sum(word) for word in OF_PHONES]


@pytest.fixture
def encoder() -> PhoneSpeech:
    torch.manual_seed(0)
    return PhoneSpeech(WordFrames(TorchMFCC(), "none"), hidden_size=5).double()


def batch_of(encoder: PhoneSpeech) -> Batch:
    counts = torch.tensor([n for word in OF_PHONES for n in word])
    phones = Ragged(counts, np.array([len(word) for word in OF_PHONES]))
    return Batch(np.array(N_WORDS), {encoder.features: random_rows(N_FRAMES, 39), encoder.phones: phones})


def test_as_the_slow_loop(encoder: PhoneSpeech) -> None:
    batch = batch_of(encoder)
    encoded = encoder(batch, {})
    frames, of_phones = iter(batch[encoder.features].values.split(N_FRAMES)), iter(OF_PHONES)
    for row, n_words in enumerate(N_WORDS):
        for i in range(n_words):
            expected = slow_rivals.word_of_phones(slow.weights(encoder), next(frames).numpy(), next(of_phones))
            np.testing.assert_allclose(encoded.features[row, i].detach(), expected, rtol=1e-11, atol=1e-14)
    assert encoded.lengths.tolist() == N_WORDS and encoded.unit == "word"


def test_alone_as_in_a_batch(encoder: PhoneSpeech) -> None:
    batch = batch_of(encoder)
    together = encoder(batch, {}).features
    for row, n_words in enumerate(N_WORDS):
        alone = encoder(some_rows(batch, [row]), {}).features
        torch.testing.assert_close(together[row, :n_words], alone[0], rtol=0, atol=1e-14)
        assert not together[row, n_words:].any()


def test_gradients_reach_every_parameter_and_frame(encoder: PhoneSpeech) -> None:
    batch = batch_of(encoder)
    frames = batch[encoder.features].values.requires_grad_()
    each = torch.randn(3, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    (encoder(batch, {}).features * each).sum().backward()
    assert frames.grad is not None and frames.grad.any(dim=1).all()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any() and parameter.grad.isfinite().all(), name


def test_bounds_of_phones_matter(encoder: PhoneSpeech) -> None:
    batch = batch_of(encoder)
    counts = batch[encoder.phones]
    moved = counts.values.clone()
    moved[0], moved[2] = 3, 3
    other = Batch(batch.n_words, {**batch.data, encoder.phones: Ragged(moved, counts.lengths)})
    differs = ((encoder(batch, {}).features - encoder(other, {}).features).abs() > 1e-6).any(-1)
    assert differs.tolist() == [[True, False, False], [False] * 3, [False] * 3]


def test_its_phones_are_of_its_frames(encoder: PhoneSpeech) -> None:
    assert encoder.phones.frames is encoder.features and encoder.inputs == (encoder.features, encoder.phones)
