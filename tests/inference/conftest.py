"""Small trained runs, made once."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mtser.alignment.word import Word
from mtser.inference import EmotionRecognizer, Recognition, Recording
from tests.training.recipe import Recipe
from tests.training.tiny_corpus import write_tiny_corpus

Train = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny corpus in the layout of IEMOCAP."""
    root = tmp_path_factory.mktemp("tiny") / "corpus"
    write_tiny_corpus(root)
    return root


@pytest.fixture(scope="session")
def train(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Trains a system with some options, and gives its run folder; the same again is not trained again."""
    done: dict[tuple[str, ...], Path] = {}
    cache = tmp_path_factory.mktemp("cache")

    def run(system: str, *options: str, folds: str = "1") -> Path:
        key = (system, *options, folds)
        if key not in done:
            recipe = Recipe(tiny, tmp_path_factory.mktemp("results"), system)
            before = os.environ.get("MTSER_CACHE")
            os.environ["MTSER_CACHE"] = str(cache)
            try:
                ended = recipe("--folds", folds, *options)
            finally:
                os.environ.pop("MTSER_CACHE", None)
                if before is not None:
                    os.environ["MTSER_CACHE"] = before
            assert ended.code == 0, ended.err
            done[key] = recipe.seed_folder()
        return done[key]

    return run


@pytest.fixture(scope="session")
def full_run(train: Train) -> Path:
    """The paper's system on two folds."""
    return train("full", folds="1,2")


def recordings_of(run: Path, corpus: Path, ids: list[str]) -> list[Recording]:
    """Utterances of a run's corpus with their words."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    return [
        Recording(corpus / manifest[id]["wav"], None, [Word.from_dict(word) for word in manifest[id]["words"]], id)
        for id in ids
    ]


def predictions(run: Path, fold: str = "session_1") -> dict[str, dict[str, str]]:
    """Utterance → its row of a fold's ``predictions.csv``."""
    with (run / "folds" / fold / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return {row["utterance"]: row for row in csv.DictReader(file)}


def check_answers(
    recognizer: EmotionRecognizer, recordings: list[Recording], expected: dict[str, dict[str, str]], within: float
) -> None:
    """Each recording gets the probabilities that stand in a run's ``predictions.csv``."""
    found = list(recognizer.recognize_many(recordings, explain=False))
    assert len(found) == len(expected) > 10
    for one in found:
        assert isinstance(one, Recognition)
        for name, probability in one.probabilities.items():
            assert probability == pytest.approx(float(expected[one.name][f"p_{name}"]), abs=within)
