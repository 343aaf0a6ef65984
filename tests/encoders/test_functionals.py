"""Functionals as an encoder: normalised by the training part, one vector an utterance."""

import numpy as np
import torch

from mtser.encoders import Batch, Functionals
from mtser.features import UtteranceExtractor, UtteranceFeatures
from mtser.ragged import Ragged


class Moments(UtteranceExtractor):
    """Something with three values."""

    dimension = 3

    def settings(self) -> dict:
        return {"class": "Moments"}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        raise NotImplementedError


def test_normalised_by_the_training_part() -> None:
    encoder = Functionals(UtteranceFeatures(Moments()))
    train = torch.tensor([[1.0, 5.0, 0.0], [3.0, 5.0, 4.0]])
    encoder.fit([], {encoder.features: Ragged(train, np.array([1, 1]))})
    batch = Batch(
        np.array([2, 7]), {encoder.features: Ragged(torch.tensor([[2.0, 5.0, 4.0], [5.0, 6.0, 2.0]]), np.ones(2, int))}
    )
    encoded = encoder(batch, {})
    assert encoded.features.tolist() == [[[0.0, 0.0, 1.0]], [[3.0, 1.0, 0.0]]]  # a constant is divided by 1
    assert encoded.unit == "utterance" and encoded.lengths.tolist() == [1, 1] and encoder.output_size == 3
