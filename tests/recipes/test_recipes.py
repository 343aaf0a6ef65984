"""The scripts in recipes/, as a user calls them."""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.corpora.iemocap_writer import write_tone
from tests.training.recipe import HPARAMS
from tests.training.tiny_corpus import write_tiny_corpus

ROOT = Path(__file__).parents[2]
SYLLABLES = "0.1\tder\n0.2\tla\n0.3\tpen\n0.4\tliegt\n0.5\tauf\n0.6\tdem\n0.7\teis\n0.8\tschrank\n0.9\t.\n"

Train = Callable[..., int]


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    """``train(recipe, options)`` runs a recipe's script in this process, in a folder of its own; its exit code."""
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    def run(recipe: str, *options: str) -> int:
        script = str(ROOT / "recipes" / recipe / "train.py")
        monkeypatch.setattr(sys, "argv", [script, str(HPARAMS / "full.yaml"), "--number_of_epochs", "1", *options])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(script, run_name="__main__")
        return int(ended.value.code or 0)

    return run


def write_emodb(root: Path) -> Path:
    for speaker in ("03", "08", "09"):
        for letter in "WFTN":
            for take in "ab":
                write_tone(root / "wav" / f"{speaker}a01{letter}{take}.wav")
                (root / "silb").mkdir(exist_ok=True)
                (root / "silb" / f"{speaker}a01{letter}{take}.silb").write_text(SYLLABLES)
    return root


def test_iemocap(train: Train, tmp_path: Path) -> None:
    corpus = write_tiny_corpus(tmp_path / "IEMOCAP_full_release", sessions=3).root
    assert train("iemocap", "--data_folder", str(corpus)) == 0
    run = tmp_path / "elsewhere" / "results" / "full" / "IEMOCAP_full_release" / "loso" / "seed_1"
    metrics = json.loads((run / "metrics.json").read_text())
    assert (len(metrics["folds"]), metrics["n_utterances"], metrics["synthetic"]) == (3, 48, False)
    assert "recipes/iemocap/train.py" in (run / "report.md").read_text()


def test_emodb_leaves_one_speaker_out(train: Train, tmp_path: Path) -> None:
    assert train("emodb", "--data_folder", str(write_emodb(tmp_path / "emodb"))) == 0
    run = tmp_path / "elsewhere" / "results" / "full" / "emodb" / "lospo" / "seed_1"
    metrics = json.loads((run / "metrics.json").read_text())
    assert [fold["name"] for fold in metrics["folds"]] == ["speaker_03", "speaker_08", "speaker_09"]
    assert metrics["n_utterances"] == 24 and metrics["classes"] == ["angry", "happy", "sad", "neutral"]


def test_emodb_has_no_mini_corpus_and_no_sessions(
    train: Train, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train("emodb") == 2
    assert capsys.readouterr().err == "error: --data_folder is missing: where does the corpus lie?\n"
    assert train("emodb", "--data_folder", str(write_emodb(tmp_path / "emodb")), "--protocol", "loso") == 3
    err = capsys.readouterr().err
    assert "The corpus emodb cannot feed loso. It has no sessions. It can feed: lospo, random_5fold" in err
    left = (path.name for path in (tmp_path / "elsewhere" / "results").rglob("*") if path.is_file())
    assert sorted(left) == ["not_applicable.json", "skipped.csv"]


@pytest.mark.parametrize("recipe", ["iemocap", "emodb"])
def test_a_script_says_how_it_is_called(recipe: str) -> None:
    text = (ROOT / "recipes" / recipe / "train.py").read_text()
    assert f"python recipes/{recipe}/train.py hparams/full.yaml" in text


def test_a_process_ends_with_code_2_and_one_sentence(tmp_path: Path) -> None:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    ended = subprocess.run(
        [sys.executable, "recipes/iemocap/train.py", "hparams/full.yaml", "--data_folder", str(tmp_path / "nothing")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "MTSER_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2 and ended.stdout == ""
    assert ended.stderr.startswith(f"error: {tmp_path}/nothing: no such folder; ") and ended.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
