"""What a recipe makes of a reader of one's own."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mtser.alignment.word import Word
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from tests.training.recipe import Recipe


def with_reader(recipe: Recipe, change: Callable[[Corpus], object]) -> Recipe:
    """The recipe with a reader that takes nothing but a folder, and whose corpus is changed."""

    def read_mine(folder: Path) -> object:
        return change(recipe.reader(folder, progress=False))

    return Recipe(recipe.data_folder, recipe.output_folder, "text_only", reader=read_mine)


def in_milliseconds(one: Utterance) -> Utterance:
    return replace(one, words=tuple(Word(word.word, 1000 * word.start, 1000 * word.end) for word in one.words))


def test_an_utterance_whose_times_cannot_be_right_is_listed(recipe: Recipe) -> None:
    def change(corpus: Corpus) -> Corpus:
        first, *rest = corpus.utterances
        return replace(corpus, utterances=(in_milliseconds(first), *rest))

    own = with_reader(recipe, change)
    ended = own()
    assert ended.code == 0, ended.err
    assert "Left out  1: alignment outside the audio 1" in ended.out
    with (own.seed_folder() / "skipped.csv").open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["utterance"].startswith("Ses01F") and row["detail"].endswith("are its times milliseconds?")


def test_a_reader_whose_times_are_all_wrong_ends_in_a_sentence(recipe: Recipe) -> None:
    own = with_reader(recipe, lambda corpus: replace(corpus, utterances=tuple(map(in_milliseconds, corpus.utterances))))
    assert "no usable utterance; left out were 80 × alignment outside the audio" in (said := own().sentence)
    assert "are its times milliseconds?" in said


def test_a_mistake_of_a_reader_is_one_sentence(recipe: Recipe) -> None:
    assert with_reader(recipe, lambda corpus: list(corpus.utterances))().sentence.startswith("read_mine returned [")
    numbered = with_reader(
        recipe,
        lambda corpus: replace(corpus, utterances=tuple(replace(one, session=1) for one in corpus.utterances)),
    )
    assert "read_mine: session of Ses01F_impro01_F000 is 1 (int); a text or None was expected" in numbered().sentence
