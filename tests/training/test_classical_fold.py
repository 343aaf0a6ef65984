"""A system without epochs, from its file to the run folder."""

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mtser.alignment.word import Word
from mtser.classical import Part
from mtser.configuration import Hyperparameters
from mtser.corpora.utterance import Utterance
from mtser.tables.runs import find_runs
from mtser.training.data import ModelData
from mtser.training.fold import FoldResult, read_result, run_fold
from mtser.training.folds import Fold
from tests.helpers.synthetic import EMOTIONS, SyntheticSource, random_utterances
from tests.training.recipe import HPARAMS, Recipe

pytest.importorskip("opensmile", reason="needs the extra opensmile")

PARTS = {"train": (0, 24), "dev": (24, 32), "test": (32, 40)}


def with_word(utterances: list[Utterance]) -> list[Utterance]:
    """One word that tells the class, in front of the others."""
    return [replace(one, words=(Word(f"is{one.emotion}", 0.0, 0.01), *one.words[1:])) for one in utterances]


UTTERANCES = with_word(random_utterances(40))
FOLD = Fold("one", *(tuple(one.id for one in UTTERANCES[begin:end]) for begin, end in PARTS.values()))


def run(folder: Path, utterances: list[Utterance] = UTTERANCES, seed: int = 1, **overrides: str) -> FoldResult:
    given = {"model.strengths": "[1.0, 30.0]", **{name.replace("__", "."): one for name, one in overrides.items()}}
    return run_fold(
        FOLD,
        folder,
        Hyperparameters(HPARAMS / "classical.yaml", given),
        ModelData(utterances, EMOTIONS, 128, "cpu"),
        SyntheticSource(utterances),  # type: ignore[arg-type]
        classes=EMOTIONS,
        seed=seed,
        run_opts={"device": "cpu"},
        on_epoch=lambda row: pytest.fail("there are no epochs"),
    )


def changed(part: str, word: str) -> list[Utterance]:
    """The utterances with other words in one part."""
    begin, end = PARTS[part]
    other = [replace(one, words=(Word(word, 0.0, 0.1),)) for one in UTTERANCES[begin:end]]
    return [*UTTERANCES[:begin], *other, *UTTERANCES[end:]]


def learned(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "classical" / "classical.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_a_fold_and_its_result_read_again(tmp_path: Path) -> None:
    result = run(tmp_path)
    again = read_result(tmp_path)
    assert result.history == [] and again is not None and again.summary == result.summary
    assert again.predictions.utterances == FOLD.test
    np.testing.assert_array_equal(again.predictions.probabilities, result.predictions.probabilities)
    assert (result.predictions.truth == result.predictions.prediction).mean() > 0.5  # a word tells the class
    assert result.summary["parameters"] > 4 * 88 and result.summary["seconds"] > 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["classical", "predictions.csv", "result.json"]


def test_nothing_depends_on_the_seed(tmp_path: Path) -> None:
    first, second = run(tmp_path / "1"), run(tmp_path / "2", seed=2)
    np.testing.assert_array_equal(first.predictions.probabilities, second.predictions.probabilities)
    assert second.predictions.seed_values() == (2,)


def test_nothing_is_learned_from_dev_and_test(tmp_path: Path) -> None:
    fixed = {"model__strengths": "[1.0]", "model__class_weights": "[none]"}
    run(tmp_path / "as_it_is", **fixed)
    expected = learned(tmp_path / "as_it_is")
    for part in ("dev", "test"):
        run(tmp_path / part, changed(part, "novel"), **fixed)
        found = learned(tmp_path / part)
        assert found.keys() == expected.keys() and "novel" not in found["view.text.words"]
        same = {name for name in found if np.array_equal(found[name], expected[name])}
        assert same >= expected.keys() - {"share"}
        assert part == "dev" or "share" in same
    run(tmp_path / "train", changed("train", "novel"), **fixed)
    assert learned(tmp_path / "train")["view.text.words"].tolist() == ["novel"]


def test_what_is_kept_is_what_judged_the_test_part(tmp_path: Path) -> None:
    result = run(tmp_path)
    model = Hyperparameters(HPARAMS / "classical.yaml").build()["model"]
    data = ModelData(UTTERANCES, EMOTIONS, 128, "cpu")
    data.load(model.inputs, SyntheticSource(UTTERANCES))  # type: ignore[arg-type]
    rows = data.rows(FOLD.test)
    test = Part([data.utterances[row] for row in rows], data.tables(rows))
    found = model.load(tmp_path / "classical").probabilities(test).astype(np.float32)
    np.testing.assert_array_equal(found, result.predictions.probabilities)


def test_words_behind_max_words_are_not_read(tmp_path: Path) -> None:
    cut = ModelData(UTTERANCES, EMOTIONS, 1, "cpu")
    hyperparameters = Hyperparameters(HPARAMS / "classical.yaml", {"audio_encoder": "null"})
    options = {"classes": EMOTIONS, "seed": 1, "run_opts": {}, "on_epoch": lambda row: None}
    result = run_fold(FOLD, tmp_path, hyperparameters, cut, SyntheticSource(UTTERANCES), **options)  # type: ignore[arg-type]
    assert result.summary["text"]["words in the vocabulary"] == 4
    assert (result.predictions.truth == result.predictions.prediction).all()


def test_from_a_command_to_a_report(recipe: Recipe) -> None:
    recipe = replace(recipe, system="classical")
    ended = recipe(folds=None)
    assert ended.code == 0, ended.err
    assert re.search(r"fold 5/5 session_5    WA .* \(16 utterances; \d+\.\d s\)\n", ended.out)
    run = recipe.seed_folder()
    assert not (run / "curves.png").exists() and "## Training" not in (run / "report.md").read_text()
    assert not list(run.rglob("checkpoints"))
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["n_utterances"] == 80 and metrics["model"]["session_1"]["share of audio"] <= 1
    (found,) = find_runs([recipe.output_folder]).runs
    seconds = [metrics["model"][fold]["seconds"] for fold in metrics["model"]]
    assert found.seconds == pytest.approx(sum(seconds)) and found.parameters is not None
    before = (run / "predictions.csv").read_bytes()
    (run / "folds" / "session_2" / "result.json").unlink()  # as after a kill
    assert recipe(folds=None).code == 0 and (run / "predictions.csv").read_bytes() == before


@pytest.mark.parametrize(("option", "words"), [("text_encoder", False), ("audio_encoder", True)])
def test_one_modality_alone(recipe: Recipe, option: str, words: bool) -> None:
    recipe = replace(recipe, system="classical")
    assert recipe(f"--{option}", "null", "--run_name", "one").code == 0
    run = recipe.seed_folder(system="one")
    told = json.loads((run / "metrics.json").read_text())["model"]["session_1"]
    assert ("text" in told, "audio" in told) == (words, not words)
    with (run / "predictions.csv").open(newline="") as file:
        right = [row["truth"] == row["prediction"] for row in csv.DictReader(file)]
    assert np.mean(right) > 0.8  # words and pitch both tell the class of this corpus


def test_a_mistake_is_one_sentence(recipe: Recipe) -> None:
    recipe = replace(recipe, system="classical")
    assert "fusion is 'no'; it can be late or early" in recipe("--model.fusion", "no").sentence
    both = recipe("--text_encoder", "null", "--audio_encoder", "null")
    assert "a classical model needs audio, text or both" in both.sentence
    frames = recipe("--audio_encoder.features", "blocks/features/mfcc_torch.yaml")
    assert "takes one vector an utterance" in frames.sentence
