"""Copies of a recording in several parts of a fold."""

import shutil
from pathlib import Path

from mtser.training.copies import copies_across_parts
from mtser.training.folds import Fold, Folds
from tests.corpora.iemocap_writer import IemocapWriter
from tests.training.recipe import Recipe

FOLDS = Folds("mine", (Fold("1", ("a", "b"), ("c",), ("d", "e")), Fold("2", ("d", "e"), ("a",), ("b", "c"))))


def test_copies_are_counted_over_all_folds() -> None:
    hashes = {"a": "same", "b": "other", "c": "same", "d": "same", "e": "another"}
    of_test, of_dev = copies_across_parts(FOLDS, hashes)
    assert of_test.startswith("2 test utterances are copies of what is in training or dev (")
    assert "the first: d is a" in of_test
    assert of_dev.startswith("2 dev utterances are copies of what is in training (") and "the first: c is a" in of_dev


def test_copies_in_one_part_and_unknown_files_say_nothing() -> None:
    assert copies_across_parts(FOLDS, {"d": "same", "e": "same", "b": "other"}) == ()
    assert copies_across_parts(FOLDS, {}) == ()


def test_a_run_warns_beside_its_numbers(own_corpus: Path, tmp_path: Path) -> None:
    wav = IemocapWriter(own_corpus).wav
    shutil.copy(wav("Ses03F_impro01_F000"), wav("Ses01F_impro01_F000"))
    ended = Recipe(own_corpus, tmp_path / "results")()
    said = "2 test utterances are copies of what is in training or dev (the same audio file, byte by byte; the"
    assert said in ended.out
    assert said in (Recipe(own_corpus, tmp_path / "results").seed_folder() / "report.md").read_text()
