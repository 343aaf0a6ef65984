"""Parallel filters over a spectrogram: against plain loops."""

import numpy as np
import pytest
import torch

from mtser.encoders import Batch, SpectrogramCNN
from mtser.errors import ConfigError
from mtser.features import LogMel, UtteranceFrames
from mtser.ragged import Ragged
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_rows

N_FRAMES = [7, 1, 23, 12, 2]
N_BANDS = 10
SHAPES = ((3, 4), (5, 3), (10, 6), (1, 1))


def made(stride: tuple[int, int] = (2, 3)) -> SpectrogramCNN:
    torch.manual_seed(0)
    features = UtteranceFrames(LogMel(n_mel=N_BANDS), "none")
    return SpectrogramCNN(features, shapes=SHAPES, n_filters=2, stride=stride, output_size=6).double()


def batch_of(encoder: SpectrogramCNN, n_frames: list[int] = N_FRAMES) -> Batch:
    rows = random_rows(n_frames, N_BANDS)
    return Batch(np.ones(len(n_frames), np.int64), {encoder.features: rows})


@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (4, 8)])
def test_as_the_slow_loop(stride: tuple[int, int]) -> None:
    encoder = made(stride)
    batch = batch_of(encoder)
    encoded = encoder(batch, {})
    assert encoded.unit == "utterance" and encoded.features.shape == (5, 1, 6) and encoded.lengths.tolist() == [1] * 5
    for row, frames in enumerate(batch[encoder.features].values.split(N_FRAMES)):
        expected = slow_rivals.spectrogram_filters(slow.weights(encoder), frames.numpy(), SHAPES, stride)
        np.testing.assert_allclose(encoded.features[row, 0].detach(), expected, rtol=1e-11, atol=1e-13)


def test_alone_as_in_a_batch() -> None:
    encoder = made()
    batch = batch_of(encoder)
    together = encoder(batch, {}).features
    for row in range(len(N_FRAMES)):
        alone = batch[encoder.features].select(np.array([row]))
        found = encoder(Batch(np.array([1]), {encoder.features: alone}), {}).features
        torch.testing.assert_close(found[0], together[row], rtol=0, atol=1e-13)


def test_gradients_reach_every_parameter() -> None:
    encoder = made()
    batch = batch_of(encoder, [20, 30, 40])
    frames = batch[encoder.features].values.requires_grad_()
    encoder(batch, {}).features.square().sum().backward()
    assert frames.grad is not None and frames.grad.isfinite().all()
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any() and parameter.grad.isfinite().all(), name


def test_normalised_frames_are_padded_with_their_mean() -> None:
    features = UtteranceFrames(LogMel(n_mel=N_BANDS), "train")
    encoder = SpectrogramCNN(features, shapes=SHAPES, n_filters=2)
    rows = random_rows([4, 9], N_BANDS, dtype=torch.float32)
    shifted = Ragged(rows.values * 3 + 7, rows.lengths)
    encoder.fit([], {features: shifted})
    plain = SpectrogramCNN(features, shapes=SHAPES, n_filters=2)
    plain.load_state_dict({**encoder.state_dict(), "mean": torch.zeros(N_BANDS), "std": torch.ones(N_BANDS)})
    normalised = Ragged((shifted.values - encoder.mean) / encoder.std, rows.lengths)
    found, expected = (
        one(Batch(np.array([1, 1]), {features: data}), {}).features
        for one, data in ((encoder, shifted), (plain, normalised))
    )
    torch.testing.assert_close(found, expected)


def test_a_filter_that_is_higher_than_the_spectrogram() -> None:
    with pytest.raises(ConfigError, match="11 bands high, but the spectrogram has 10"):
        SpectrogramCNN(UtteranceFrames(LogMel(n_mel=N_BANDS)), shapes=((3, 4), (11, 4)))
