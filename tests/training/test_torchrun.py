"""Two processes on the CPU do what one does."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.evaluation import Predictions
from tests.training.recipe import Recipe
from tests.training.test_experiment import weights
from tests.training.torchrun import run_in_two_processes

# No dropout, which each process draws for itself; neither Adam nor L1, which make steps of rounding errors: L1's
# gradient jumps where a weight changes its sign.
ALIKE = [
    *("--transformer.dropout", "0", "--classifier.dropout", "0", "--batch_size", "10"),
    *("--training.optimizer", "!name:torch.optim.SGD {lr: 0.2}", "--training.penalty.l1", "0"),
]


@pytest.mark.parametrize("class_weights", ["none", "[1.0, 4.0, 0.5, 2.0]"])
def test_two_processes_learn_what_one_learns(recipe: Recipe, tmp_path: Path, class_weights: str) -> None:
    alike = [*ALIKE, "--training.loss.class_weights", class_weights]
    assert recipe(*alike).code == 0
    two = Recipe(recipe.data_folder, tmp_path / "two")
    ended = run_in_two_processes(two, *alike)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("fold 1/5") == 1  # only one of them speaks
    assert len(list((two.seed_folder() / "folds" / "session_1" / "checkpoints").iterdir())) == 1
    one_weights, two_weights = (weights(each.seed_folder()) for each in (recipe, two))
    assert one_weights.keys() == two_weights.keys()
    for name, value in one_weights.items():  # rounding differs from processor to processor
        torch.testing.assert_close(two_weights[name], value, rtol=1e-3, atol=1e-4)
    first, second = (Predictions.read(each.seed_folder() / "predictions.csv") for each in (recipe, two))
    assert first.utterances == second.utterances
    np.testing.assert_allclose(first.probabilities, second.probabilities, rtol=0, atol=1e-4)


def test_two_processes_take_one_seed_after_the_other(recipe: Recipe) -> None:
    ended = run_in_two_processes(recipe, "--seeds", "1,2")
    assert ended.returncode == 0, ended.stderr
    for seed in (1, 2):
        assert (recipe.seed_folder(seed) / "report.md").is_file()


def test_processes_that_cannot_work_together_are_told_what_to_do(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("LOCAL_RANK", str(torch.cuda.device_count()))  # one more than there are GPUs
    sentence = recipe().sentence
    assert "the processes of torchrun cannot work together" in sentence
    assert "--device cpu --distributed_backend gloo" in sentence
    assert not recipe.output_folder.exists()
