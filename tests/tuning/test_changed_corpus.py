"""A study whose corpus or folds are not what they were."""

import shutil
from pathlib import Path

import pytest

from mtser.cli import main
from tests.training.recipe import HPARAMS
from tests.training.tiny_corpus import write_tiny_corpus
from tests.tuning.studies import Study

pytest.importorskip("optuna")
RECIPE = Path(__file__).with_name("changing_recipe.py")


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    for name in ("corpus", "folds"):
        (tmp_path / name).write_text("as it was")
        monkeypatch.setenv(name.upper(), str(tmp_path / name))
    return Study(tmp_path, recipe=RECIPE)


@pytest.mark.parametrize("what", ["corpus", "folds"])
def test_it_is_refused_and_goes_on_when_it_is_put_back(study: Study, what: str) -> None:
    assert study(trials=2).code == 0
    before = study.trials()
    (study.root / what).write_text("corrected")
    for _ in range(2):
        ended = study(trials=4)
        assert ended.code == 2 and f"study: the {what} changed since the study was begun" in ended.err, ended.err
    assert len(study.events("start")) == 4  # one trial a command, to see it
    assert study.trials() == before
    (study.root / what).write_text("as it was")
    assert study(trials=4).code == 0
    assert [row["state"] for row in study.trials()] == ["done"] * 4


def test_a_trial_is_not_trained_to_its_end_for_it(study: Study) -> None:
    values = {"number_of_epochs": 30, "epoch_seconds": 0.15, "n_folds": 1}
    assert study(trials=1, **values).code == 0
    (study.root / "corpus").write_text("corrected")
    ended = study(trials=2, **values)
    assert ended.code == 2 and "the corpus changed" in ended.err
    assert len(study.events("epoch")) < 30 + 30


def test_what_a_trial_s_features_leave_out_is_no_change(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    assert study(trials=1).code == 0
    monkeypatch.setenv("LEFT_OUT", "silence")
    (study.root / "folds").write_text("of what is left")
    assert study(trials=2).code == 0


def test_nested_all_folds_are_searched_on_one_corpus(study: Study) -> None:
    assert study("--nested", trials=1).code == 0
    shutil.rmtree(study.folder / "fold_2")  # as if it had not been begun
    (study.root / "corpus").write_text("corrected")
    ended = study("--nested", trials=1)
    assert ended.code == 2 and "fold_2: the corpus changed since the study was begun" in ended.err
    (study.root / "corpus").write_text("as it was")
    (study.root / "folds").write_text("those inside the other fold")
    assert study("--nested", "--run_name", "again", trials=1).code == 0


def test_the_real_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    corpus = write_tiny_corpus(tmp_path / "corpus").root
    (tmp_path / "space.yaml").write_text("classifier.dropout: {low: 0.2, high: 0.7}\n")
    words = ["tune", str(HPARAMS / "text_only.yaml"), "--space", str(tmp_path / "space.yaml"), "--corpus", "iemocap"]
    words += ["--data_folder", str(corpus), "--folds", "1", "--number_of_epochs", "1", "--jobs", "1"]
    words += ["--study_folder", str(tmp_path / "study")]
    assert main([*words, "--trials", "1"]) == 0
    for file in corpus.rglob("EmoEvaluation/*.txt"):
        file.write_text(file.read_text().replace("\tang\t", "\thap\t", 1))
    assert main([*words, "--trials", "2"]) == 2
    assert "the corpus changed since the study was begun" in capsys.readouterr().err
