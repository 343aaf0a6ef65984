"""Scores of functionals and of words, against slow computations."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.corpora.corpus import Corpus
from mtser.encoders import Batch, TermScores, VectorScores, WordTokenizer
from mtser.errors import NotApplicableError
from mtser.ragged import Ragged
from tests.classical.parts import FEATURES
from tests.helpers.synthetic import said

RANDOM = np.random.default_rng(0)
WORDS = ["any", "no", "oh", "yes"]
IDF = [1.2, 1.7, 1.0, 2.1]


def filled(encoder: VectorScores | TermScores) -> VectorScores | TermScores:
    """With weights that are not those of any fit."""
    with torch.no_grad():
        for one in encoder.linear.parameters():
            one.copy_(torch.from_numpy(RANDOM.normal(size=one.shape)))
    return encoder


def of_vectors() -> VectorScores:
    encoder = filled(VectorScores(FEATURES, n_classes=3))
    assert isinstance(encoder, VectorScores)
    encoder.mean.copy_(torch.from_numpy(RANDOM.normal(size=5)))
    encoder.std.copy_(torch.from_numpy(RANDOM.uniform(0.5, 2, 5)))
    return encoder


def of_terms() -> TermScores:
    encoder = TermScores(WordTokenizer(), n_classes=3)
    encoder.learn(WORDS)
    filled(encoder)
    encoder.idf.copy_(torch.tensor([0.0, *IDF], dtype=torch.float64))
    return encoder


def spoken(encoder: TermScores, *texts: str) -> Batch:
    utterances = [said(text, str(number)) for number, text in enumerate(texts)]
    n_words = np.array([len(one.words) for one in utterances])
    return Batch(n_words, {encoder.tokenizer: encoder.tokenizer.load(utterances, None)})


def test_scores_of_functionals_as_computed_slowly() -> None:
    encoder, values = of_vectors(), RANDOM.normal(size=(7, 5)).astype(np.float32)
    batch = Batch(np.full(7, 2), {FEATURES: Ragged(torch.from_numpy(values), np.ones(7, np.int64))})
    weights, bias = (one.detach().numpy() for one in encoder.linear.parameters())
    expected = []
    for row in values.astype(float):
        scaled = [(v - m) / s / math.sqrt(5) for v, m, s in zip(row, encoder.mean.tolist(), encoder.std.tolist())]  # noqa: B905
        expected.append([sum(w * x for w, x in zip(one, scaled)) + b for one, b in zip(weights, bias)])  # noqa: B905
    found = encoder(batch, {})
    assert found.unit == "utterance" and found.lengths.tolist() == [1] * 7
    np.testing.assert_allclose(found.features[:, 0].detach().numpy(), expected, rtol=0, atol=1e-12)


def test_scores_of_words_as_computed_slowly() -> None:
    encoder = of_terms()
    texts = ["oh no no", "Yes", "never heard", "OH oh oh any never yes"]
    weights, bias = (one.detach().numpy() for one in encoder.linear.parameters())
    expected = []
    for text in texts:
        counts = Counter(text.lower().split())
        row = [(1 + math.log(counts[w])) * idf if counts[w] else 0.0 for w, idf in zip(WORDS, IDF, strict=True)]
        length = math.sqrt(sum(value**2 for value in row)) or 1.0
        expected.append(weights[:, 1:] @ (np.array(row) / length) + bias)
    found = encoder(spoken(encoder, *texts), {})
    np.testing.assert_allclose(found.features[:, 0].detach().numpy(), expected, rtol=0, atol=1e-12)
    for number, text in enumerate(texts):
        alone = encoder(spoken(encoder, text), {}).features[0, 0]
        torch.testing.assert_close(alone, found.features[number, 0], rtol=0, atol=1e-12)


def test_weights_get_gradients() -> None:
    encoder = of_terms()
    encoder(spoken(encoder, "oh no", "yes"), {}).features.sum().backward()
    assert all(one.grad is not None and one.grad.abs().sum() > 0 for one in encoder.linear.parameters())


def test_the_vocabulary_is_kept(tmp_path: Path) -> None:
    encoder, again = of_terms(), TermScores(WordTokenizer(), n_classes=3)
    encoder.save_assets(tmp_path)
    again.load_assets(tmp_path)
    again.load_state_dict(encoder.state_dict())
    batches = [spoken(one, "oh well", "no yes") for one in (encoder, again)]
    assert torch.equal(encoder(batches[0], {}).features, again(batches[1], {}).features)


def test_a_corpus_without_words_is_not_applicable() -> None:
    with pytest.raises(NotApplicableError, match="the corpus silent has no words"):
        of_terms().check(Corpus("silent", Path("/silent"), ("sad",), ()))
