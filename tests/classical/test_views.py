"""Rows of sound and words, against slow computations; what they learn, and from whom."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from mtser.classical import Part, ScaledFunctionals, TfIdf
from mtser.corpora.corpus import Corpus
from mtser.errors import ConfigError, ModelError, NotApplicableError
from mtser.features import ContextualWords, TextExtractor, TorchMFCC, UtteranceFrames
from mtser.ragged import Ragged
from tests.classical.parts import FEATURES, part
from tests.helpers.synthetic import said

TEXTS = st.lists(st.lists(st.sampled_from(["oh", "OH", "no", "I'm", "..."]), min_size=1, max_size=6), min_size=1)


def texts(*lines: str) -> Part:
    return Part([said(line, f"u{number}") for number, line in enumerate(lines)])


def slow_rows(train: list[list[str]], judged: list[list[str]]) -> tuple[list[str], np.ndarray]:
    """TF-IDF as its docstring has it, word by word."""
    lower = [[word.lower() for word in words] for words in train]
    vocabulary = sorted({word for words in lower for word in words})
    idf = {w: math.log((1 + len(lower)) / (1 + sum(w in words for words in lower))) + 1 for w in vocabulary}
    rows = []
    for words in judged:
        counts = Counter(word.lower() for word in words)
        row = [(1 + math.log(counts[w])) * idf[w] if counts[w] else 0.0 for w in vocabulary]
        length = math.sqrt(sum(value**2 for value in row)) or 1.0
        rows.append([value / length for value in row])
    return vocabulary, np.array(rows)


@given(TEXTS, TEXTS)
def test_tf_idf_as_computed_slowly(train: list[list[str]], judged: list[list[str]]) -> None:
    view = TfIdf()
    view.fit(texts(*map(" ".join, train)))
    vocabulary, expected = slow_rows(train, [*judged, ["never", "heard"]])
    found = view.rows(texts(*map(" ".join, judged), "never heard"))
    assert view.state()["words"].tolist() == vocabulary
    np.testing.assert_allclose(found.toarray(), expected, rtol=0, atol=1e-12)


def test_rare_words_can_be_left_out() -> None:
    view = TfIdf(min_count=2)
    view.fit(texts("oh no", "oh yes yes", "no"))
    assert view.summary() == {"words in the vocabulary": 2} and view.state()["words"].tolist() == ["no", "oh"]
    with pytest.raises(ModelError, match=r"no word of the training part is said in at least 2 of its utt.*; lower"):
        TfIdf(min_count=2).fit(texts("oh", "no"))


def test_words_are_those_of_the_alignment_with_their_punctuation() -> None:
    view = TfIdf()
    view.fit(texts("I'M 'FINE' a-b"))
    assert view.state()["words"].tolist() == ["'fine'", "a-b", "i'm"]


def test_a_corpus_without_words_is_not_applicable() -> None:
    silent = Corpus("silent", Path("/silent"), ("sad",), tuple(Part([]).utterances))
    with pytest.raises(NotApplicableError, match=r"the corpus silent has no words for a classifier of its text\."):
        TfIdf().check_corpus(silent)
    TfIdf().check_corpus(Corpus("toy", Path("/toy"), ("sad",), (said("oh"),)))


def test_functionals_are_scaled_by_the_training_part() -> None:
    train, other = part(40, 0), part(7, 1)
    view = ScaledFunctionals(FEATURES)
    view.fit(train)
    values = train.data[FEATURES].values.double().numpy()
    mean, std = values.mean(0), values.std(0)
    expected = (other.data[FEATURES].values.double().numpy() - mean) / std / math.sqrt(5)
    np.testing.assert_allclose(view.rows(other), expected, rtol=0, atol=1e-12)
    assert (view.rows(train) ** 2).sum(1).mean() == pytest.approx(1.0)


def test_functionals_of_another_number_are_refused() -> None:
    view = ScaledFunctionals(FEATURES)
    view.restore({"mean": np.zeros(3), "std": np.ones(3)})
    with pytest.raises(ModelError, match=r"3 functionals were learned from, but these are 5\."):
        view.rows(part(4, 0))


def test_frames_are_refused() -> None:
    with pytest.raises(ConfigError, match="takes one vector an utterance .* not UtteranceFrames; choose"):
        ScaledFunctionals(UtteranceFrames(TorchMFCC()))  # type: ignore[arg-type]


def test_word_vectors_are_averaged_over_the_utterance() -> None:
    class Two(TextExtractor):
        dimension = 2

        def settings(self) -> dict:
            return {"class": "Two"}

        def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
            raise AssertionError("this test brings its own numbers")

    words = ContextualWords(Two())
    values = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float16)
    spoken = texts("oh no not again", "yes", "no").utterances
    train = Part(spoken, {words: Ragged(torch.from_numpy(values), np.ones(6, np.int64))})
    view = ScaledFunctionals(words)
    view.fit(train)
    means = np.array([values[:4].astype(float).mean(0), values[4], values[5]], dtype=float)
    expected = (means - means.mean(0)) / means.std(0) / np.sqrt(2)
    np.testing.assert_allclose(view.rows(train), expected, rtol=1e-9)


@pytest.mark.parametrize("fresh", [lambda: ScaledFunctionals(FEATURES), TfIdf])
def test_a_restored_view_gives_the_same_rows(fresh: type) -> None:
    view, other = fresh(), fresh()
    view.fit(part(40, 0))
    other.restore(view.state())
    rows, again = (csr_matrix(one.rows(part(8, 1))).toarray() for one in (view, other))
    assert rows.any() and np.array_equal(rows, again)
