"""Runs that are killed, or find the disk full, and are started again: the same predictions, bit for bit."""

import random
from pathlib import Path

import pytest

from tests.training.children import run_child
from tests.training.recipe import Recipe, files_below, half_written

LONG = ["--number_of_epochs", "3", "--folds", "1,2", "--batch_size", "16"]
MOMENTS = [  # in the order of a run; each is the n-th write of a file of this name since the last start
    ("audio_index.json", 1),
    (".features", 1),
    ("run.json", 1),
    ("progress.ckpt", 2),  # in the middle of the second checkpoint
    ("CKPT", 9),  # around the renaming of a checkpoint, or the deletion of older ones
    ("session_1/.predictions.csv", 1),
    ("session_1/.result.json", 1),
    ("session_2/tensorboard", 1),
    ("session_2/.result.json", 1),
    ("seed_1/.metrics.json", 1),
    ("seed_1/.confusion.png", 2),  # between its writing and its renaming
    ("report.md", 1),
]


@pytest.fixture(scope="module")
def whole(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A run that nothing happens to; not to be changed."""
    folder = tmp_path_factory.mktemp("whole")
    recipe = Recipe(tiny_corpus, folder / "results")
    ended = run_child([*recipe.command(*LONG), "--cache_folder", str(folder / "cache")], folder)
    assert ended.code == 0, ended.err
    return recipe


def same(recipe: Recipe, whole: Recipe) -> None:
    """Whether all that a run leaves is there, and what does not tell the time is equal."""
    files, expected = files_below(recipe.output_folder), files_below(whole.output_folder)
    for name in [name for name in expected if name.endswith(("predictions.csv", "folds.json", "manifest.json"))]:
        assert files[name] == expected[name], name
    kept = [{name for name in every if "CKPT" not in name and "tfevents" not in name} for every in (files, expected)]
    assert kept[0] == kept[1]
    assert half_written(recipe.output_folder) == []


def test_a_run_that_is_killed_at_chosen_moments(whole: Recipe, tmp_path: Path) -> None:
    recipe = Recipe(whole.data_folder, tmp_path / "results")
    command = [*recipe.command(*LONG), "--cache_folder", str(tmp_path / "cache")]
    killed = [moment for moment in MOMENTS if run_child(command, tmp_path, die_at=moment).code == -9]
    assert killed == MOMENTS
    ended = run_child(command, tmp_path)
    assert ended.code == 0, ended.err
    same(recipe, whole)


def test_a_run_that_is_killed_at_random_moments(whole: Recipe, tmp_path: Path) -> None:
    recipe = Recipe(whole.data_folder, tmp_path / "results")
    command = [*recipe.command(*LONG), "--cache_folder", str(tmp_path / "cache")]
    times = random.Random(0)
    for _ in range(4):
        run_child(command, tmp_path, die_after=times.uniform(0.3, 2.5))
    ended = run_child(command, tmp_path)
    assert ended.code == 0, ended.err
    same(recipe, whole)


def test_a_full_disk_is_one_sentence_and_the_same_command_goes_on(whole: Recipe, tmp_path: Path) -> None:
    recipe = Recipe(whole.data_folder, tmp_path / "results")
    command = [*recipe.command(*LONG), "--cache_folder", str(whole.output_folder.parent / "cache")]
    for file_size, failed in [
        (30_000, "manifest.json: cannot be written"),
        (150_000, "a checkpoint cannot be written"),
    ]:
        ended = run_child(command, tmp_path, file_size=file_size)
        assert ended.code == 2 and "Traceback" not in ended.err
        assert failed in ended.err and "start the same command again" in ended.err
        assert half_written(tmp_path) == []
    assert run_child(command, tmp_path).code == 0
    same(recipe, whole)
