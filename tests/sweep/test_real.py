"""A sweep of a real recipe on a tiny corpus, killed in the middle: what train.py gives by itself, bit for bit."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from mtser.cli import main
from tests.training.recipe import HPARAMS, Recipe
from tests.training.tiny_corpus import write_tiny_corpus

SEEDS = (1, 2)


def test_two_seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    corpus = write_tiny_corpus(tmp_path / "tiny").root
    recipe = Recipe(corpus, tmp_path / "alone", system="text_only")
    options = ["--number_of_epochs", "4", "--folds", "1,2", "--data_folder", str(corpus), "--corpus_name", "tiny"]
    words = ["sweep", str(HPARAMS / "text_only.yaml"), "--corpus", "iemocap", "--protocol", "loso", "--seeds", "1,2"]
    words += ["--output_folder", str(tmp_path / "results"), *options]

    command = [sys.executable, "-m", "mtser.cli", *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    end = time.monotonic() + 60
    while not list((tmp_path / "results").glob("*/*/*/*/folds/*/log.csv")):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()

    assert main(words) == 0, capsys.readouterr().out
    out = capsys.readouterr().out
    assert "Only 2 folds were run" in out and "mtser report" in out
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert recipe("--seeds", "1,2", "--number_of_epochs", "4", "--folds", "1,2").code == 0
    finally:
        torch.set_num_threads(before)
    for seed in SEEDS:
        mine = tmp_path / f"results/text_only/tiny/loso/seed_{seed}"
        assert (mine / "predictions.csv").read_bytes() == (recipe.seed_folder(seed) / "predictions.csv").read_bytes()
        assert (mine / "metrics.json").read_bytes() == (recipe.seed_folder(seed) / "metrics.json").read_bytes()

    begin = time.monotonic()
    assert main(words) == 0
    assert time.monotonic() - begin < 3 and "2 of them are done already" in capsys.readouterr().out
