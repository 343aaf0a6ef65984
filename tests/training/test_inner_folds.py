"""Folds inside of a fold: nothing of its test part, each other session once the dev part."""

import json
from pathlib import Path

import pytest

from mtser.corpora import Corpus
from mtser.errors import ProtocolError
from mtser.training import make_folds
from mtser.training.inner_folds import inner_folds
from tests.tables.run_writer import CLASSES, utterance
from tests.training.recipe import Recipe


def corpus(n_sessions: int) -> Corpus:
    said = [
        utterance(f"s{session}_{sex}_{emotion}_{n}", f"{session}{sex}", emotion, session=f"{session}")
        for session in range(1, n_sessions + 1) for sex in "FM" for emotion in CLASSES for n in range(3)
    ]  # fmt: skip
    return Corpus("toy", Path("/toy"), CLASSES, tuple(said))


@pytest.mark.parametrize("protocol", ["loso", "lospo", "random_5fold"])
def test_no_inner_fold_has_anything_of_the_outer_test_part(protocol: str) -> None:
    whole = corpus(5)
    outer = make_folds(whole, protocol)
    for number, fold in enumerate(outer.folds, 1):
        inner = inner_folds(whole, outer, number, protocol)
        assert inner.protocol == protocol
        selected: list[str] = []
        for each in inner.folds:
            assert not {*each.train, *each.dev} & set(fold.test) and each.test == ()
            assert not set(each.train) & set(each.dev)
            assert {*each.train, *each.dev} == {*fold.train, *fold.dev}
            selected += each.dev
        assert sorted(selected) == sorted([*fold.train, *fold.dev])  # each once


def test_loso_leaves_one_of_the_other_sessions_out() -> None:
    whole = corpus(5)
    inner = inner_folds(whole, make_folds(whole, "loso"), 2, "loso")
    assert inner.names() == ("session_1", "session_3", "session_4", "session_5")
    assert all({id[:2] for id in fold.dev} == {f"s{fold.name[-1]}"} for fold in inner.folds)


def test_what_cannot_be_divided() -> None:
    with pytest.raises(ProtocolError, match="has the folds 1 to 5; asked for was 6"):
        inner_folds(whole := corpus(5), make_folds(whole, "loso"), 6, "loso")
    with pytest.raises(ProtocolError, match="cannot feed loso"):
        inner_folds(few := corpus(3), make_folds(few, "loso"), 1, "loso")


def test_a_run_of_inner_folds(recipe: Recipe) -> None:
    ended = recipe("--inner", "2", "--dev_only")
    assert ended.code == 0, ended.err
    folds = json.loads((recipe.seed_folder() / "folds.json").read_text())["folds"]
    assert "Ses02" not in json.dumps(folds) and len(folds) == 4
    assert "give --dev_only with it, and no --folds_file" in recipe("--inner", "2").sentence
