"""Vectors of words that a user brings, as an encoder."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.encoders import Batch, WordVectors
from mtser.features import WordFeatureFile
from tests.helpers import slow
from tests.helpers.synthetic import random_rows, random_utterances
from tests.helpers.systems import Ready, in_double, ready

N_WORDS = np.array([2, 4, 1])


@pytest.fixture
def features(tmp_path: Path) -> WordFeatureFile:
    (tmp_path / "face.csv").write_text("utterance,word,a,b,c\n")
    return WordFeatureFile(str(tmp_path / "face.csv"))


def test_normalised_and_mapped(features: WordFeatureFile) -> None:
    encoder = WordVectors(features, output_size=5).double()
    table = random_rows([1] * 7, 3)
    encoder.fit([], {features: table})
    words = encoder(Batch(N_WORDS, {features: table}), {})
    assert words.unit == "word" and words.lengths.tolist() == N_WORDS.tolist() and encoder.output_size == 5
    values = table.values.numpy()
    normal = (values - values.mean(0)) / values.std(0)
    expected = [slow.linear(slow.weights(encoder, "linear."), one) for one in normal]
    np.testing.assert_allclose(words.features[words.mask].detach(), expected, rtol=0, atol=1e-6)


def three(tmp_path: Path) -> Ready:
    """The system of three modalities with a file."""
    utterances, random = random_utterances(16), np.random.default_rng(0)
    arrays = {one.id: random.normal(3, 2, (len(one.words), 7)) for one in utterances}
    np.savez(tmp_path / "face.npz", **arrays)  # type: ignore[arg-type]
    block = {"third_encoder": "blocks/third/word_feature_file.yaml"}
    return ready("n_modalities", utterances, **block, third_encoder__features__file=str(tmp_path / "face.npz"))


def test_as_the_third_modality_of_a_system(tmp_path: Path) -> None:
    system = three(tmp_path)
    system.model.double().eval()
    batch = in_double(system.batch().batch)
    before = system.model(batch)
    face = system.model.encoders["third"].features
    batch.data[face].values.mul_(-1)
    assert ((system.model(batch) - before).abs().amax(1) > 1e-6).all()
    torch.testing.assert_close(system.model.encoders["third"].mean, torch.full((7,), 3.0).double(), rtol=0, atol=1.0)
