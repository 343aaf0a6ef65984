"""With every lever on: a run that is killed goes on bit for bit, and two processes do what one does."""

from pathlib import Path

import torch

from tests.training.children import run_child
from tests.training.recipe import Recipe
from tests.training.test_experiment import weights
from tests.training.test_resume import same
from tests.training.test_torchrun import ALIKE
from tests.training.torchrun import run_in_two_processes

DRAWN = [
    *("--text_encoder.word_dropout", "0.2", "--text_encoder.dropout", "0.2", "--audio_encoder.dropout", "0.2"),
    *("--audio_encoder.augment", "blocks/audio/spec_augment.yaml", "--transformer.input_dropout", "0.2"),
    *("--interaction.dropout", "0.2", "--joint.dropout", "0.2", "--model.modality_dropout", "0.3"),
]
COMPUTED = [
    *("--model.auxiliary", "0.3", "--training.weight_decay", "0.1", "--interaction.aggregate", "scaled_sum"),
    *("--training.loss.label_smoothing", "0.1"),
]
SCHEDULE = ("--training.schedule", "!name:mtser.training.schedules.cosine {epochs: 3, warmup: 2}")
LONG = ["--number_of_epochs", "3", "--batch_size", "16"]


def test_a_run_with_every_lever_that_is_killed(tiny_corpus: Path, tmp_path: Path) -> None:
    for number, kind in enumerate(("{kind: ema, decay: 0.9}", "{kind: swa, start: 1}")):
        whole, killed = (Recipe(tiny_corpus, tmp_path / f"{name}{number}") for name in ("whole", "killed"))
        levers = [
            *LONG,
            *DRAWN,
            *COMPUTED,
            *SCHEDULE,
            "--training.average",
            f"!new:mtser.training.WeightAverage {kind}",
        ]
        assert (ended := run_child(whole.command(*levers), tmp_path)).code == 0, ended.err
        for moment in (("progress.ckpt", 2), ("progress.ckpt", 2)):
            assert run_child(killed.command(*levers), tmp_path, die_at=moment).code == -9
        assert (ended := run_child(killed.command(*levers), tmp_path)).code == 0, ended.err
        same(killed, whole)
        assert weights(whole.seed_folder()).keys() == weights(killed.seed_folder()).keys()
        for name, value in weights(whole.seed_folder()).items():
            assert torch.equal(weights(killed.seed_folder())[name], value), name


def test_two_processes_learn_what_one_learns_with_the_levers_that_draw_nothing(recipe: Recipe, tmp_path: Path) -> None:
    average = ("--training.average", "!new:mtser.training.WeightAverage {kind: ema, decay: 0.9}")
    options = [*ALIKE, *COMPUTED, *average]
    assert recipe(*options).code == 0
    two = Recipe(recipe.data_folder, tmp_path / "two")
    ended = run_in_two_processes(two, *options)
    assert ended.returncode == 0, ended.stderr
    one_weights, two_weights = (weights(each.seed_folder()) for each in (recipe, two))
    for name, value in one_weights.items():
        torch.testing.assert_close(two_weights[name], value, rtol=1e-3, atol=1e-4)
