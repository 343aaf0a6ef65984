"""Contextual word vectors as an input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtser.corpora.corpus import Corpus
from mtser.features import ContextualWords, FeatureStore, TextExtractor
from mtser.features.source import FeatureSource
from mtser.training.data import ModelData
from tests.helpers.synthetic import EMOTIONS, said

UTTERANCES = [said("oh no", "a"), said("what a day that was", "b"), said("yes", "c")]


class Places(TextExtractor):
    """The length of a word, its place and the number of words; fails on "no"."""

    dimension = 3
    failing = ""

    def settings(self) -> dict[str, Any]:
        return {"class": "Places", "failing": self.failing}

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        assert not any(self.failing in words for words in texts), "fails"
        return [np.array([[len(w), i, len(words)] for i, w in enumerate(words)], np.float32) for words in texts]


@pytest.fixture
def source(tmp_path: Path) -> FeatureSource:
    corpus = Corpus("toy", tmp_path, EMOTIONS, tuple(UTTERANCES))
    return FeatureSource(corpus, FeatureStore(tmp_path / "store"), progress=False)


def test_a_row_a_word(source: FeatureSource) -> None:
    words = ContextualWords(Places())
    assert words.prepare(source) == []
    rows = words.load(UTTERANCES, source)
    assert rows.lengths.tolist() == [1] * 8 and rows.values[:3].tolist() == [[2, 0, 2], [2, 1, 2], [4, 0, 5]]
    assert words.load([], source).values.shape == (0, 3)


def test_vectors_have_seen_the_words_that_are_cut(source: FeatureSource) -> None:
    words = ContextualWords(Places())
    data = ModelData(UTTERANCES, EMOTIONS, 3, "cpu")
    data.load([words], source)
    batch = data.batch(data.rows(["c", "b"])).batch
    assert batch[words].values.tolist() == [[3, 0, 1], [4, 0, 5], [1, 1, 5], [3, 2, 5]]


def test_what_has_no_vectors_is_left_out(source: FeatureSource) -> None:
    extractor = Places()
    extractor.failing = "no"
    (skipped,) = ContextualWords(extractor).prepare(source)
    assert (skipped.utterance, skipped.reason) == ("a", "features cannot be computed")


def test_equal_extractors_share_their_data() -> None:
    other = Places()
    other.failing = "yes"
    assert ContextualWords(Places()).key() == ContextualWords(Places()).key() != ContextualWords(other).key()
