"""Damaged checkpoints: the same command ends with the same predictions all the same."""

import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.training.recipe import Recipe

OPTIONS = ["--number_of_epochs", "6", "--training.patience", "6", "--batch_size", "16"]


def said_to_be_encrypted(archive: bytes) -> bytes:
    """One wrong bit in a ZIP archive's list of its files."""
    flags = archive.rindex(b"PK\x01\x02") + 8
    return archive[:flags] + bytes([archive[flags] | 1]) + archive[flags + 1 :]


DAMAGES = [
    ("model.ckpt", lambda data: data[:1000]),
    (
        "model.ckpt",
        lambda data: data[:-3000] + bytes(100) + data[-2900:],
    ),  # an archive with its end, but one wrong part
    ("progress.ckpt", lambda data: b"[{"),
    ("progress.ckpt", lambda data: b"[]"),
    ("random_state.ckpt", lambda data: b""),
    ("CKPT.yaml", lambda data: b""),
    ("CKPT.yaml", lambda data: b"[epoch"),
    ("model.ckpt", lambda data: said_to_be_encrypted(data)),
]


@pytest.fixture(scope="module")
def whole(tiny_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A run that nothing happens to; not to be changed."""
    recipe = Recipe(tiny_corpus, tmp_path_factory.mktemp("whole"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MTSER_CACHE", str(tmp_path_factory.mktemp("cache")))
        assert recipe(*OPTIONS).code == 0
    return recipe


@pytest.fixture
def unjudged(whole: Recipe, tmp_path: Path) -> Recipe:
    """The same run, killed after its last epoch."""
    recipe = Recipe(whole.data_folder, tmp_path / "results")
    shutil.copytree(whole.output_folder, recipe.output_folder)
    (fold(recipe) / "result.json").unlink()
    (fold(recipe) / "predictions.csv").unlink()
    return recipe


def fold(recipe: Recipe) -> Path:
    return recipe.seed_folder() / "folds" / "session_1"


def checkpoints(recipe: Recipe) -> list[Path]:
    """That of the best epoch, and that of the last."""
    found = list((fold(recipe) / "checkpoints").glob("CKPT*"))
    by_epoch = {YAML(typ="safe").load((path / "CKPT.yaml").read_text())["epoch"]: path for path in found}
    assert len(by_epoch) == 2 and max(by_epoch) == 6
    return [by_epoch[epoch] for epoch in sorted(by_epoch)]


def damage(checkpoint: Path, name: str, how) -> None:  # noqa: ANN001
    file = checkpoint / name
    file.write_bytes(how(file.read_bytes()))


def same_predictions(recipe: Recipe, whole: Recipe) -> bool:
    one, other = (fold(each) / "predictions.csv" for each in (recipe, whole))
    return one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(("name", "how"), DAMAGES)
def test_of_a_damaged_last_checkpoint_training_goes_on_from_the_best(
    unjudged: Recipe, whole: Recipe, name: str, how
) -> None:  # noqa: ANN001
    best, last = checkpoints(unjudged)
    damage(last, name, how)
    ended = unjudged(*OPTIONS)
    assert ended.code == 0 and "a checkpoint was damaged and is deleted; the fold's training goes on" in ended.out
    assert same_predictions(unjudged, whole) and best.is_dir()


@pytest.mark.parametrize(("name", "how"), [DAMAGES[0], DAMAGES[5]])
def test_without_the_best_checkpoint_a_fold_begins_anew(unjudged: Recipe, whole: Recipe, name: str, how) -> None:  # noqa: ANN001
    damage(checkpoints(unjudged)[0], name, how)
    ended = unjudged(*OPTIONS)
    assert ended.code == 0 and "a checkpoint was damaged and is deleted; the fold's training begins anew" in ended.out
    assert same_predictions(unjudged, whole)


def test_nothing_is_said_and_trained_where_all_are_whole(unjudged: Recipe, whole: Recipe) -> None:
    before = sorted(path.name for path in checkpoints(unjudged))
    ended = unjudged(*OPTIONS)
    assert ended.code == 0 and "damaged" not in ended.out
    assert same_predictions(unjudged, whole) and sorted(path.name for path in checkpoints(unjudged)) == before


def test_a_file_that_cannot_be_read_now_is_no_damage(unjudged: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    before = sorted(path.name for path in checkpoints(unjudged))
    with monkeypatch.context() as patch:
        patch.setattr("mtser.training.damage._check", refuse)
        assert "cannot be read (Permission denied); try again." in unjudged(*OPTIONS).sentence
    assert sorted(path.name for path in checkpoints(unjudged)) == before
