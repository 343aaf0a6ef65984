"""A corpus in memory: against a slow construction, utterance by utterance."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mtser.corpora.utterance import Utterance
from mtser.encoders import SubwordTokenizer, WordTokenizer
from mtser.features import TorchMFCC, WordFrames
from mtser.features.input import Input
from mtser.ragged import Ragged
from mtser.training.data import ModelData
from tests.helpers.synthetic import EMOTIONS, SyntheticSource, random_utterances

UTTERANCES = random_utterances(12, longest=6)
SHORTER = [replace(one, words=one.words[:4]) for one in UTTERANCES]


@pytest.fixture
def source() -> SyntheticSource:
    return SyntheticSource(UTTERANCES)


def loaded(inputs: list[Input], source: SyntheticSource, max_words: int = 4) -> ModelData:
    data = ModelData(UTTERANCES, EMOTIONS, max_words, "cpu")
    data.load(inputs, source)  # type: ignore[arg-type]
    return data


def inputs() -> list[Input]:
    tokenizers = [WordTokenizer(), SubwordTokenizer(40)]
    for tokenizer in tokenizers:
        tokenizer.fit(UTTERANCES[:6])
    return [*tokenizers, WordFrames(TorchMFCC(), normalise="none", max_frames=8)]


def rows_of(table: Ragged) -> list[list]:
    return [row.tolist() for row in table.values.split(table.lengths.tolist())]


@pytest.mark.parametrize("rows", [[0], [3, 1, 2], [11, 0, 11], list(range(12))])
def test_a_batch_is_its_utterances_one_after_the_other(source: SyntheticSource, rows: list[int]) -> None:
    made = inputs()
    labelled = loaded(made, source).batch(np.array(rows))
    assert labelled.batch.n_words.tolist() == [len(SHORTER[row].words) for row in rows]
    assert labelled.rows.tolist() == rows and labelled.share == 1.0
    assert labelled.labels.tolist() == [EMOTIONS.index(UTTERANCES[row].emotion) for row in rows]
    for input in made:
        expected = [word for row in rows for word in rows_of(input.load([SHORTER[row]], source))]  # type: ignore[arg-type]
        assert rows_of(labelled.batch[input]) == expected
        assert len(expected) == labelled.batch.n_words.sum()


def test_tables_and_labels_of_some_rows(source: SyntheticSource) -> None:
    made = inputs()
    data, rows = loaded(made, source), np.array([5, 2])
    assert data.labels(rows).tolist() == [EMOTIONS.index(UTTERANCES[row].emotion) for row in rows]
    for input, table in data.tables(rows).items():
        assert rows_of(table) == [
            *rows_of(input.load([SHORTER[5]], source)),  # type: ignore[arg-type]
            *rows_of(input.load([SHORTER[2]], source)),  # type: ignore[arg-type]
        ]
    assert data.rows(["u7", "u0"]).tolist() == [7, 0]


@pytest.mark.parametrize("max_words", [1, 4, 6, 128])
def test_long_utterances_are_cut_and_counted(source: SyntheticSource, max_words: int) -> None:
    data = loaded([], source, max_words)
    assert data.n_cut == sum(len(one.words) > max_words for one in UTTERANCES)
    assert [one.words for one in data.utterances] == [one.words[:max_words] for one in UTTERANCES]
    assert data.n_words.tolist() == [min(len(one.words), max_words) for one in UTTERANCES]
    assert [len(one.words) for one in UTTERANCES].count(6)  # the corpus itself stays as it was


def test_votes_are_the_annotators_or_the_label_alone() -> None:
    said: list[Utterance] = [
        replace(UTTERANCES[0], votes={"sad": 0.25, "neutral": 0.75}),
        replace(UTTERANCES[1], votes=None),
        replace(UTTERANCES[2], votes={}),
        replace(UTTERANCES[3], votes={"happy": 1.0}),  # against the consensus
    ]
    labelled = ModelData(said, EMOTIONS, 128, "cpu").batch(np.arange(4))
    assert labelled.votes.tolist() == [[0, 0, 0.25, 0.75], [0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]
    assert labelled.labels.tolist() == [0, 1, 2, 3] and labelled.votes.dtype == torch.float32


def test_equal_inputs_are_loaded_once_and_tell_the_same(source: SyntheticSource) -> None:
    first, equal, other = (WordFrames(TorchMFCC(), max_frames=n) for n in (3, 3, 4))
    data = loaded([first], source)
    data.forget()  # the next fold
    assert not data.tables(np.array([0]))
    data.load([equal, other], source)  # type: ignore[arg-type]
    assert source.asked == 2
    tables = data.tables(np.arange(12))
    assert set(tables) == {equal, other}
    assert rows_of(tables[equal]) == rows_of(first.load(data.utterances, source))  # type: ignore[arg-type]
    assert equal.cut == first.cut != other.cut and equal.cut["frames behind max_frames"] > 0


def test_what_a_fold_learned_is_loaded_anew(source: SyntheticSource) -> None:
    tokenizer = WordTokenizer()
    tokenizer.fit(UTTERANCES[:1])
    data = loaded([tokenizer], source)
    before = rows_of(data.tables(np.arange(12))[tokenizer])
    data.forget()
    tokenizer.fit(UTTERANCES)
    data.load([tokenizer], source)  # type: ignore[arg-type]
    after = rows_of(data.tables(np.arange(12))[tokenizer])
    assert [0] in before and [0] not in after
