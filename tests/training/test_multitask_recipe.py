"""The system of attributes from its command line to its reports."""

import json
from pathlib import Path

import numpy as np
import pytest

from mtser.evaluation import AttributePredictions, concordance_correlation
from tests.training.rated_corpus import rate
from tests.training.recipe import Recipe

FEATURES = ("--audio_encoder.features", "blocks/features/mfcc_torch.yaml")
STACKED = ("--classifier.branches", "blocks/classifier/branches.yaml", "--stacking", "blocks/stacking/svr.yaml")
ALONE = ("--classifier.classes", "null", "--training", "blocks/training/attributes.yaml", *STACKED)


@pytest.fixture
def rated(own_corpus: Path, tmp_path: Path) -> Recipe:
    rate(own_corpus)
    return Recipe(own_corpus, tmp_path / "results", "multitask_vad")


@pytest.mark.parametrize("options", [(), ALONE], ids=["beside classes", "alone"])
def test_every_file_tells_the_attributes(rated: Recipe, options: tuple[str, ...]) -> None:
    ended = rated(*FEATURES, *options, "--folds", "1,2", "--seeds", "1,2")
    assert ended.code == 0, ended.err
    assert ended.out.count("dev CCC" if options else "dev UA") == 4  # a line a fold and seed
    for seed in (1, 2):
        folder = rated.seed_folder(seed)
        told = AttributePredictions.read(folder / "attributes.csv")
        assert dict.fromkeys(told.folds) == {"session_1": None, "session_2": None} and set(told.seeds) == {seed}
        metrics = json.loads((folder / "metrics.json").read_text())
        expected = concordance_correlation(told.truth, told.prediction)
        assert [one["ccc"] for one in metrics["attributes"].values()] == pytest.approx(expected)
        assert list(metrics["attributes"]) == ["valence", "activation", "dominance"]
        assert "## Attributes" in (folder / "report.md").read_text()
        manifest = json.loads((folder / "manifest.json").read_text())
        assert told.truth.tolist() == [manifest[id]["vad"] for id in told.utterances]
    parent = rated.seed_folder(1).parent
    seeds = json.loads((parent / "seeds.json").read_text())
    each = [one["attributes"]["valence"]["ccc"] for one in seeds["per_seed"]]
    assert seeds["attributes"]["valence"]["mean"] == pytest.approx(np.mean(each))
    assert "## Attributes" in (parent / "seeds.md").read_text()
    again = rated(*FEATURES, *options, "--folds", "1,2", "--seeds", "1,2")
    assert again.out.splitlines()[-30:] == ended.out.splitlines()[-30:]


def test_a_corpus_without_ratings_is_not_applicable(tiny_corpus: Path, tmp_path: Path) -> None:
    recipe = Recipe(tiny_corpus, tmp_path / "results", "multitask_vad")  # all utterances have the same ratings
    sentence = recipe(*FEATURES).not_applicable
    assert "does not rate valence, activation and dominance" in sentence
    assert json.loads((recipe.seed_folder() / "not_applicable.json").read_text())["reason"] in sentence


def test_the_originals_own_training_runs(rated: Recipe) -> None:
    own = ("--classifier.classes", "null", *STACKED, "--training", "blocks/training/multitask_vad.yaml")
    ended = rated(*FEATURES, *own, "--batch_size", "256")
    assert ended.code == 0, ended.err
