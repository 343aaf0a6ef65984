"""Settings of each fold by itself."""

import json
from pathlib import Path

import pytest

from tests.training.recipe import Recipe

NAMES = [f"session_{number}" for number in range(1, 6)]


def write(folder: Path, folds: object, note: str = "Chosen per fold, nested.") -> str:
    file = folder / "settings.json"
    file.write_text(json.dumps({"note": note, "folds": folds}))
    return str(file)


def test_each_fold_is_trained_with_its_own(recipe: Recipe, tmp_path: Path) -> None:
    folds = {name: {"training.optimizer.lr": f"0.00{number}"} for number, name in enumerate(NAMES, 1)}
    ended = recipe("--fold_settings", write(tmp_path, folds), "--folds", "1,3")
    assert ended.code == 0, ended.err
    for name in ("session_1", "session_3"):
        history = json.loads((recipe.seed_folder() / "folds" / name / "result.json").read_text())["history"]
        assert history[0]["lr"] == pytest.approx(float(folds[name]["training.optimizer.lr"]), rel=0.1)
    report = (recipe.seed_folder() / "report.md").read_text()
    assert "Chosen per fold, nested." in report and "training.optimizer.lr 0.003" in report
    other = write(tmp_path, {**folds, "session_1": {"training.optimizer.lr": "0.5"}})
    assert "fold_settings was" in recipe("--fold_settings", other, "--folds", "1,3").sentence


@pytest.mark.parametrize(
    ("folds", "sentence"),
    [
        ({"session_1": {}}, "has settings for session_1, but the folds of loso are session_1, session_2"),
        ({name: {"training.optimizer.lrr": "1"} for name in NAMES}, "the nearest is --training.optimizer.lr"),
        ([], "is no file of settings for folds"),
    ],
)
def test_what_cannot_be_used(recipe: Recipe, tmp_path: Path, folds: object, sentence: str) -> None:
    assert sentence in recipe("--fold_settings", write(tmp_path, folds)).sentence


def test_a_file_that_is_not_there(recipe: Recipe) -> None:
    assert "no_such.json: cannot be read" in recipe("--fold_settings", "no_such.json").sentence
