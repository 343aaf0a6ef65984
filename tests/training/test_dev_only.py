"""--dev_only: training and dev parts as ever, and nothing of the test part, not even in memory."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mtser.errors import EvaluationError
from mtser.tables.make import make_report
from mtser.tables.runs import find_runs
from mtser.training.data import ModelData
from tests.training.recipe import Recipe

SHORT = ("--number_of_epochs", "2")


def history(recipe: Recipe, fold: str = "session_1") -> list[dict[str, Any]]:
    result = json.loads((recipe.seed_folder() / "folds" / fold / "result.json").read_text())
    return [{**row, "seconds": 0} for row in result["history"]]


@pytest.mark.parametrize("system", ["full", "text_only"])
def test_training_is_that_of_a_run_that_tests(recipe: Recipe, tmp_path: Path, system: str) -> None:
    tested = Recipe(recipe.data_folder, tmp_path / "tested", system)
    looked = Recipe(recipe.data_folder, tmp_path / "looked", system)
    assert tested(*SHORT).code == 0
    ended = looked(*SHORT, "--dev_only")
    assert ended.code == 0, ended.err
    assert history(looked) == history(tested)
    assert "UA" in ended.out and "no test part was read" in ended.out
    metrics = json.loads((looked.seed_folder() / "metrics.json").read_text())
    assert metrics["part"] == "dev" and metrics["dev"]["dev_ua"] == max(row["dev_ua"] for row in history(looked))
    assert not list(looked.seed_folder().rglob("predictions.csv"))


def test_no_utterance_of_the_test_part_is_in_memory(recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[str] = set()
    make, batch = ModelData.__init__, ModelData.batch

    def made(self: ModelData, utterances: Any, *args: Any, **more: Any) -> None:
        seen.update(one.id for one in utterances)
        make(self, utterances, *args, **more)

    monkeypatch.setattr(ModelData, "__init__", made)
    asked: set[str] = set()

    def watched(self: ModelData, rows: np.ndarray, share: float = 1.0) -> Any:
        asked.update(self.utterances[row].id for row in rows)
        return batch(self, rows, share)

    monkeypatch.setattr(ModelData, "batch", watched)
    assert recipe("--dev_only").code == 0
    assert seen and not [id for id in seen if id.startswith("Ses01")]
    assert asked == seen
    seen.clear(), asked.clear()
    assert recipe("--run_name", "tested").code == 0
    assert [id for id in asked if id.startswith("Ses01")]  # so that the above says something


def test_all_folds_have_no_test_part(recipe: Recipe) -> None:
    assert recipe("--dev_only", folds=None).code == 0
    folds = json.loads((recipe.seed_folder() / "folds.json").read_text())["folds"]
    assert len(folds) == 5 and not any(fold["test"] for fold in folds)
    metrics = json.loads((recipe.seed_folder() / "metrics.json").read_text())
    best = [max(row["dev_ua"] for row in history(recipe, fold["name"])) for fold in folds]
    assert metrics["dev"]["dev_ua"] == pytest.approx(np.mean(best))


def test_a_file_of_folds_without_test_parts(recipe: Recipe, tmp_path: Path) -> None:
    assert recipe("--dev_only").code == 0
    file = recipe.seed_folder() / "folds.json"
    ended = recipe("--dev_only", "--folds_file", str(file), "--run_name", "from_file")
    assert ended.code == 0, ended.err
    assert "the test part is empty" in recipe("--folds_file", str(file), "--run_name", "tested").sentence


def test_the_classical_system_tells_what_it_reaches_on_dev(recipe: Recipe, tmp_path: Path) -> None:
    classical = Recipe(recipe.data_folder, tmp_path / "results", "classical")
    assert classical("--dev_only").code == 0
    (row,) = history(classical)
    assert row["epoch"] == 1 and 0 <= row["dev_ua"] <= 1


def test_a_run_of_dev_parts_goes_into_no_table_and_is_not_continued_as_another(recipe: Recipe) -> None:
    assert recipe("--dev_only").code == 0
    assert "dev_only was True" in recipe().sentence
    (left,) = find_runs([recipe.output_folder]).incomplete
    assert "dev parts alone" in left.reason
    report = make_report(find_runs([recipe.output_folder]))
    assert not report.sections[0].rows
    with pytest.raises(EvaluationError):
        find_runs([recipe.output_folder / "nothing"])
