"""Settings of each fold by itself."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mtser.configuration import Hyperparameters
from mtser.errors import ModelError
from mtser.inference.export import export_run
from mtser.inference.members import load_run
from mtser.model import EmotionModel
from mtser.training.fold_settings import read_fold_settings
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


def test_each_fold_is_loaded_with_its_own(recipe: Recipe, tmp_path: Path) -> None:
    """The weights fit without them, too."""
    other = {"interaction.aggregate": "mean", "audio_encoder.features.normalise": "speaker"}
    folds = {name: other if name == "session_3" else {"classifier.dropout": "0.4"} for name in NAMES}
    assert recipe("--fold_settings", write(tmp_path, folds), "--folds", "1,3").code == 0
    run = recipe.seed_folder()
    with pytest.warns(UserWarning, match="2 of 5 folds are finished"):
        loaded = load_run(run)
    assert loaded.nested

    def own(model: EmotionModel) -> tuple[str, str]:
        pooled = model.fusion[1].aggregate["text"].kind  # type: ignore[union-attr,index]
        return pooled, model.encoders["audio"].inputs[0].normalise  # type: ignore[union-attr,index]

    assert [own(loaded.models[name]) for name in ("session_1", "session_3")] == [("sum", "train"), ("mean", "speaker")]
    with pytest.raises(ModelError, match=r"folds have settings of their own .*: --fold session_1\."):
        export_run(loaded, tmp_path / "exported")
    alone = load_run(run, "session_3")
    assert not alone.nested and alone.description.file == run / "folds" / "session_3" / "hyperparams.yaml"
    assert (export_run(alone, tmp_path / "exported", onnx=False) / "README.md").is_file()
    (run / "folds" / "session_1" / "hyperparams.yaml").unlink()
    with pytest.raises(ModelError, match="the settings of the fold session_1 were chosen for it alone"):
        load_run(run, "session_1")


def test_values_of_the_command_line_count_in_a_block_of_the_fold(recipe: Recipe, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(Path("hparams/blocks/fusion/independent_transformers.yaml").read_text())
    settings = write(tmp_path, {name: {"transformer": str(tmp_path / "own.yaml")} for name in NAMES})
    options = ("--fold_settings", settings, "--transformer.dropout", "0.3")
    assert recipe(*options).code == 0
    file = recipe.seed_folder() / "folds" / "session_1" / "hyperparams.yaml"
    found = Hyperparameters(file).flat()
    assert (found["transformer.dropout"], found["transformer.share"]) == (0.3, [])
    assert recipe(*options).code == 0  # the same command again
    own = tmp_path / "own.yaml"
    own.write_text(own.read_text().replace("norm: post", "norm: pre"))
    sentence = recipe(*options).sentence
    assert f"{file}: the fold was begun with other settings (transformer.norm was post, is pre)" in sentence


def test_a_file_that_the_settings_of_one_fold_name(recipe: Recipe, tmp_path: Path) -> None:
    """It is looked at whichever fold is asked for."""
    vectors = tmp_path / "v.txt"
    vectors.write_text("it " + " ".join(["0.1"] * 100))
    folds = {name: {"text_encoder.vectors": str(vectors)} if name == "session_2" else {} for name in NAMES}
    options = ("--fold_settings", write(tmp_path, folds))
    assert recipe(*options).code == 0
    vectors.write_text("it " + " ".join(["0.2"] * 100))
    assert f"{vectors}, which a setting of this run names, has changed" in recipe(*options).sentence


def test_values_that_are_no_texts(tmp_path: Path) -> None:
    values = {"training.average": None, "training.optimizer.lr": 1e-5, "transformer.share": ["q"], "batch_size": 8}
    found = read_fold_settings(Path(write(tmp_path, {"session_1": values}))).folds["session_1"]
    assert list(found.values()) == ["null", "0.00001", "[q]", "8"]


def test_turns_before_are_read_for_all_folds(recipe: Recipe, tmp_path: Path) -> None:
    mcaf = replace(recipe, system="mcaf")
    folds = {name: {"context": "blocks/context/dialog.yaml"} if name == "session_2" else {} for name in NAMES}
    sentence = mcaf("--fold_settings", write(tmp_path, folds)).sentence
    assert "the settings of the fold session_2 cannot be used: it would look at 8 turns" in sentence
    folds = {name: {"context": "null"} for name in NAMES}
    options = ("--context", "blocks/context/dialog.yaml", "--fold_settings", write(tmp_path, folds))
    assert "it would look at 0 turns before an utterance, but the corpus is read once, for 8" in mcaf(*options).sentence


@pytest.mark.parametrize(
    ("folds", "sentence"),
    [
        ({"session_1": {}}, "has settings for session_1, but the folds of loso are session_1, session_2"),
        ({name: {"training.optimizer.lrr": "1"} for name in NAMES}, "the nearest is --training.optimizer.lr"),
        ({name: {"max_words": "1"} for name in NAMES}, "the fold session_1 has max_words, which is one for all folds"),
        (
            {name: {"seed": 5} for name in NAMES},
            "the fold session_1 has seed, which is one for all folds: it is that of",
        ),
        ([], "is no file of settings for folds"),
    ],
)
def test_what_cannot_be_used(recipe: Recipe, tmp_path: Path, folds: object, sentence: str) -> None:
    assert sentence in recipe("--fold_settings", write(tmp_path, folds)).sentence


def test_a_file_that_is_not_there(recipe: Recipe) -> None:
    assert "no_such.json: cannot be read" in recipe("--fold_settings", "no_such.json").sentence
