"""Contextual word vectors as an input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtser.corpora.corpus import Corpus
from mtser.errors import NotApplicableError
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


class Heard(TextExtractor):
    """How many words were read, and which word of them it is."""

    dimension = 2

    def settings(self) -> dict[str, Any]:
        return {"class": "Heard"}

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        return [np.array([[len(words), place] for place in range(len(words))], np.float32) for words in texts]


DIALOG = [
    said("oh no", "a", dialog="d", start=0.0),
    said("what a day", "b", dialog="d", start=2.0),
    said("yes", "c", dialog="d", start=4.0),
    said("never mind", "e", dialog="other", start=1.0),
    said("alone", "f"),
]
CONTEXT = [said("well then", "x", dialog="d", start=3.0)]


def test_turns_before_an_utterance_are_read_with_it(tmp_path: Path) -> None:
    corpus = Corpus("toy", tmp_path, EMOTIONS, tuple(DIALOG), context=tuple(CONTEXT))
    source = FeatureSource(corpus, FeatureStore(tmp_path / "store"), progress=False)
    for n, read in {0: [2, 3, 1, 2, 1], 1: [2, 5, 3, 2, 1], 2: [2, 5, 6, 2, 1], 9: [2, 5, 8, 2, 1]}.items():
        words = ContextualWords(Heard(), n_preceding=n)
        assert words.prepare(source) == []
        rows = words.load(DIALOG, source).values.tolist()
        own = [len(one.words) for one in DIALOG]
        assert rows == [[of, of - k + place] for of, k in zip(read, own, strict=True) for place in range(k)]


def test_a_corpus_without_dialogs(tmp_path: Path) -> None:
    corpus = Corpus("toy", tmp_path, EMOTIONS, (DIALOG[-1],))
    ContextualWords(Heard()).check(corpus)
    with pytest.raises(NotApplicableError, match="does not tell which utterances follow each other in a dialog; set"):
        ContextualWords(Heard(), n_preceding=1).check(corpus)
    assert ContextualWords(Heard(), n_preceding=1).key() != ContextualWords(Heard()).key()
