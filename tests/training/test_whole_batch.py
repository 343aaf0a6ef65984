"""Two processes make small what one makes small, where the loss is none of single utterances."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.evaluation import AttributePredictions, Predictions
from mtser.training.whole_batch import whole_batch
from tests.training.rated_corpus import rate
from tests.training.recipe import Recipe
from tests.training.test_experiment import weights
from tests.training.torchrun import run_in_two_processes

# As for the other systems: no dropout, which each process draws for itself, and no steps made of rounding errors.
ALIKE = [
    *("--classifier.branches", "blocks/classifier/branches.yaml", "--stacking", "blocks/stacking/svr.yaml"),
    *("--classifier.branches.audio.dropout", "0", "--classifier.branches.text.dropout", "0"),
    *("--classifier.attributes.dropout", "0", "--classifier.classes.dropout", "0"),
    *("--transformer.dropout", "0", "--batch_size", "10"),
    *("--training.optimizer", "!name:torch.optim.SGD {lr: 0.1}", "--training.penalty.l1", "0"),
    *("--audio_encoder.features", "blocks/features/mfcc_torch.yaml"),
]


def test_two_processes_learn_what_one_learns(own_corpus: Path, tmp_path: Path) -> None:
    rate(own_corpus)
    one, two = (Recipe(own_corpus, tmp_path / name, "multitask_vad") for name in ("one", "two"))
    assert one(*ALIKE).code == 0
    ended = run_in_two_processes(two, *ALIKE)
    assert ended.returncode == 0, ended.stderr
    one_weights, two_weights = (weights(each.seed_folder()) for each in (one, two))
    assert one_weights.keys() == two_weights.keys()
    for name, value in one_weights.items():
        torch.testing.assert_close(two_weights[name], value, rtol=1e-3, atol=1e-4)
    first, second = (AttributePredictions.read(each.seed_folder() / "attributes.csv") for each in (one, two))
    assert first.utterances == second.utterances
    np.testing.assert_allclose(first.prediction, second.prediction, rtol=0, atol=1e-2)  # the stack spreads rounding
    logs = [(each.seed_folder() / "folds" / "session_1" / "log.csv").read_text().splitlines()[1] for each in (one, two)]
    losses = [[float(value) for value in line.split(",")[1:3]] for line in logs]
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    probabilities = [Predictions.read(each.seed_folder() / "predictions.csv").probabilities for each in (one, two)]
    np.testing.assert_allclose(*probabilities, rtol=0, atol=1e-3)


@pytest.fixture
def one_process() -> None:
    """A group of one process."""
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    yield  # type: ignore[misc]
    torch.distributed.destroy_process_group()


@pytest.mark.usefixtures("one_process")
def test_one_process_has_the_whole_batch_already() -> None:
    mine = torch.randn(5, 3, requires_grad=True)
    whole = whole_batch(mine, share=1.0)
    assert torch.equal(whole, mine)
    (whole * torch.arange(5.0).unsqueeze(1)).sum().backward()
    assert mine.grad is not None and torch.equal(mine.grad, torch.arange(5.0).unsqueeze(1).expand(5, 3))


@pytest.mark.parametrize(("n", "world_size"), [(7, 2), (8, 2), (5, 3), (1, 2), (2, 3)])
def test_every_row_comes_to_its_place(n: int, world_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the batches are dealt out; a batch smaller than the number of processes is given to each of them."""
    batch, summed = torch.arange(1.0, n + 1), torch.zeros(n if n >= world_size else n * world_size)
    monkeypatch.setattr(torch.distributed, "get_world_size", lambda: world_size)
    for rank in range(world_size):
        monkeypatch.setattr(torch.distributed, "get_rank", lambda rank=rank: rank)
        monkeypatch.setattr(torch.distributed, "all_reduce", lambda tensor: summed.add_(tensor))
        mine, share = batch, 1 / world_size
        if n >= world_size:
            mine = batch[rank::world_size]
            share = len(mine) / n
        whole_batch(mine, share)
    expected = batch if n >= world_size else batch.repeat_interleave(world_size)
    assert torch.equal(summed, expected)
