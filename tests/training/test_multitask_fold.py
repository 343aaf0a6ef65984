"""A fold of the system of attributes: beside classes, alone, and with late stacking."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mtser.configuration import Hyperparameters
from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError, ModelError
from mtser.evaluation import concordance_correlation
from mtser.outputs import Outputs
from mtser.training.data import ModelData
from mtser.training.fold import FoldResult, read_result, run_fold
from mtser.training.folds import Fold
from mtser.training.measures import dev_measures
from mtser.training.stacking import LateStacking
from tests.helpers.synthetic import EMOTIONS, SyntheticSource, random_utterances
from tests.training.recipe import HPARAMS

UTTERANCES = random_utterances(60)
FOLD = Fold("one", *(tuple(one.id for one in UTTERANCES[begin:end]) for begin, end in ((0, 30), (30, 45), (45, 60))))
SHORT = {
    "number_of_epochs": "3",
    "batch_size": "8",
    "training.patience": "9",
    "audio_encoder.features": "blocks/features/mfcc_torch.yaml",
}
STACKED = {"classifier.branches": "blocks/classifier/branches.yaml", "stacking": "blocks/stacking/svr.yaml"}
ALONE = {"classifier.classes": "null", "training": "blocks/training/attributes.yaml", **STACKED}


def run(folder: Path, options: dict[str, str] | None = None, utterances: list[Utterance] = UTTERANCES) -> FoldResult:
    return run_fold(
        FOLD,
        folder,
        Hyperparameters(HPARAMS / "multitask_vad.yaml", {**SHORT, **(options or {})}),
        ModelData(utterances, EMOTIONS, 128, "cpu"),
        SyntheticSource(utterances),  # type: ignore[arg-type]
        classes=EMOTIONS,
        seed=1,
        run_opts={"device": "cpu", "noprogressbar": True},
        on_epoch=lambda row: None,
    )


def ratings(utterances: list[Utterance]) -> np.ndarray:
    return np.array([one.vad for one in utterances], np.float64)


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> tuple[FoldResult, Path]:
    folder = tmp_path_factory.mktemp("beside")
    return run(folder), folder


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[FoldResult, Path]:
    folder = tmp_path_factory.mktemp("alone")
    return run(folder, ALONE), folder


@pytest.mark.parametrize("made", ["beside", "alone"])
def test_its_result_is_read_again(made: str, request: pytest.FixtureRequest) -> None:
    result, folder = request.getfixturevalue(made)
    again = read_result(folder)
    assert again is not None and again.attributes is not None and result.attributes is not None
    assert again.attributes.utterances == again.predictions.utterances == FOLD.test
    np.testing.assert_array_equal(again.attributes.prediction, result.attributes.prediction)
    np.testing.assert_array_equal(again.attributes.truth, ratings(UTTERANCES[45:]))
    np.testing.assert_array_equal(again.predictions.probabilities, result.predictions.probabilities)
    assert again.measure == result.measure == ("dev_ua" if made == "beside" else "dev_ccc")
    assert again.history == result.history


def test_what_the_log_tells(beside: tuple[FoldResult, Path], alone: tuple[FoldResult, Path]) -> None:
    attributes = ["dev_ccc", "dev_ccc_valence", "dev_ccc_activation", "dev_ccc_dominance"]
    classes = ["dev_wa", "dev_ua", "dev_likelihood"]
    for (result, folder), told in ((beside, classes + attributes), (alone, attributes)):
        columns = ["epoch", "train_loss", "dev_loss", *told, "lr", "seconds"]
        assert (folder / "log.csv").read_text().splitlines()[0] == ",".join(columns)
        for row in result.history:
            assert list(row) == columns
            assert row["dev_ccc"] == pytest.approx(np.mean([row[name] for name in attributes[1:]]))


def test_dev_is_judged_as_a_whole_and_not_batch_by_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last epoch's dev loss and concordance, computed anew from the outputs of that epoch."""
    kept: list[Outputs] = []
    truth = ratings(UTTERANCES[30:45])

    def keep(outputs: Outputs, labels: torch.Tensor, attributes: torch.Tensor, *others: Any) -> dict[str, float]:
        np.testing.assert_allclose(np.sort(attributes.cpu(), 0), np.sort(truth, 0), rtol=1e-6)
        order = [int((attributes.cpu() - row).abs().sum(1).argmin()) for row in torch.from_numpy(truth)]
        kept.append(outputs.map(lambda one: one[order].double()))
        return dev_measures(outputs, labels, attributes, *others)

    monkeypatch.setattr("mtser.training.brain.dev_measures", keep)
    history = run(tmp_path, ALONE | {"batch_size": "4"}).history
    assert len(kept) == 3
    for outputs, row in zip(kept, history, strict=True):
        assert outputs.attributes is not None
        ccc = concordance_correlation(truth, outputs.attributes.numpy())
        assert [row[f"dev_ccc_{name}"] for name in ("valence", "activation", "dominance")] == pytest.approx(
            ccc, rel=1e-4
        )
        every = [outputs.attributes, *outputs.branches.values()]
        loss = sum(((1 - concordance_correlation(truth, one.numpy())) * [0.9, 0.9, 0.2]).sum() for one in every)
        assert row["dev_loss"] == pytest.approx(loss, rel=1e-4)


def test_the_epoch_is_chosen_by_the_measure_that_is_asked_for(tmp_path: Path) -> None:
    for by in ("ua", "ccc"):
        result = run(tmp_path / by, {"training.select_by": by, "number_of_epochs": "8"})
        values = [row[f"dev_{by}"] for row in result.history]
        folders = (tmp_path / by / "checkpoints").iterdir()
        kept = {len(json.loads((folder / "progress.ckpt").read_text())) for folder in folders}
        assert kept == {int(np.argmax(values)) + 1, 8}


def test_the_mean_concordance_is_over_what_is_learned(tmp_path: Path) -> None:
    history = run(tmp_path, {"training.loss.attributes.weights": "[1, 0, 0]"}).history
    assert all(row["dev_ccc"] == row["dev_ccc_valence"] != row["dev_ccc_dominance"] for row in history)


def relabelled(part: slice, **changes: Any) -> list[Utterance]:
    """The corpus with other ratings and classes in one part."""
    numbers = range(*part.indices(len(UTTERANCES)))
    moved = {
        number: replace(
            UTTERANCES[number],
            emotion=EMOTIONS[(EMOTIONS.index(UTTERANCES[number].emotion) + 1) % 4],
            vad=tuple(6 - one for one in UTTERANCES[number].vad or ()),  # type: ignore[arg-type]
        )
        for number in numbers
    }
    return [moved.get(number, one) for number, one in enumerate(UTTERANCES)]


def test_nothing_depends_on_the_labels_of_the_test_part(alone: tuple[FoldResult, Path], tmp_path: Path) -> None:
    other = run(tmp_path, ALONE, relabelled(slice(45, 60)))
    np.testing.assert_array_equal(other.predictions.probabilities, alone[0].predictions.probabilities)
    assert alone[0].attributes is not None and other.attributes is not None
    np.testing.assert_array_equal(other.attributes.prediction, alone[0].attributes.prediction)
    assert not np.array_equal(other.attributes.truth, alone[0].attributes.truth)


def test_the_stack_learns_from_dev_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given the outputs, ratings and labels of the dev part, and those of no other utterance."""
    given: list[tuple[Outputs, np.ndarray, np.ndarray, int]] = []
    plain = LateStacking.fit

    def keep(self: LateStacking, *arguments: Any) -> Any:
        given.append(arguments)  # type: ignore[arg-type]
        return plain(self, *arguments)

    monkeypatch.setattr(LateStacking, "fit", keep)
    run(tmp_path, ALONE)
    ((outputs, truth, labels, n_classes),) = given
    expected = {tuple(one.vad or ()): EMOTIONS.index(one.emotion) for one in UTTERANCES[30:45]}
    assert {tuple(row): label for row, label in zip(truth.tolist(), labels.tolist(), strict=True)} == expected
    assert len(truth) == 15 and n_classes == 4
    assert {name: tuple(one.shape) for name, one in outputs.branches.items()} == {"audio": (15, 3), "text": (15, 3)}


def test_the_branches_see_no_other_modality(tmp_path: Path) -> None:
    """Other words change what the text branch tells, and nothing that the audio branch tells."""
    objects = Hyperparameters(HPARAMS / "multitask_vad.yaml", {**SHORT, **STACKED}).build()
    model, data = objects["model"].eval(), ModelData(UTTERANCES, EMOTIONS, 128, "cpu")
    source: Any = SyntheticSource(UTTERANCES)
    data.load([input for input in model.inputs if input.key() is not None], source)
    model.fit(data.utterances, data.tables(np.arange(60)))
    data.load([input for input in model.inputs if input.key() is None], source)
    batch = data.batch(np.arange(6)).batch
    before = model(batch)
    batch[model.encoders["text"].tokenizer].values.zero_()
    after = model(batch)
    assert torch.equal(before.branches["audio"], after.branches["audio"])
    assert not torch.equal(before.branches["text"], after.branches["text"])


def test_beside_classes_the_stack_tells_the_attributes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stacked = run(tmp_path / "stacked", STACKED)
    without = run(tmp_path / "without", {"classifier.branches": STACKED["classifier.branches"]})
    np.testing.assert_array_equal(stacked.predictions.probabilities, without.predictions.probabilities)
    assert stacked.attributes is not None and without.attributes is not None
    assert not np.allclose(stacked.attributes.prediction, without.attributes.prediction, atol=1e-3)


def test_a_fold_that_was_broken_off_goes_on_as_if_it_had_not(
    alone: tuple[FoldResult, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("mtser.training.fold._predictions", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(tmp_path, ALONE)
    assert read_result(tmp_path) is None
    again = run(tmp_path, ALONE)
    np.testing.assert_array_equal(again.predictions.probabilities, alone[0].predictions.probabilities)
    assert again.attributes is not None and alone[0].attributes is not None
    np.testing.assert_array_equal(again.attributes.prediction, alone[0].attributes.prediction)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"classifier.classes": "null"}, "tells attributes alone, so it needs a loss of attributes"),
        ({"classifier.classes": "null", "training": ALONE["training"]}, "late stacking for its classes"),
        ({"classifier.classes": "null", **STACKED}, "training.select_by ccc"),
        ({"training": "blocks/training/attributes.yaml"}, "the classes that the model also tells would stay untrained"),
        ({"training": "blocks/training/multitask_vad.yaml", **STACKED}, "--classifier.classes null"),
        ({"training.loss.share": "1"}, "learns attributes alone"),
    ],
)
def test_parts_that_do_not_go_together_are_one_sentence(options: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises((ModelError, ConfigError), match=said):
        run(tmp_path, options)


def test_other_systems_are_told_what_attributes_need(tmp_path: Path) -> None:
    for options, said in (
        ({"training": "blocks/training/multitask.yaml"}, "MultitaskHead"),
        ({"training.select_by": "ccc"}, "MultitaskHead"),
    ):
        features = {"audio_encoder.features": SHORT["audio_encoder.features"]}
        file = HPARAMS / "full.yaml"
        if "training.select_by" in options:
            options = {
                "training": "blocks/training/attributes.yaml",
                "training.loss": "!new:mtser.training.CrossEntropy",
            }
        hyperparameters = Hyperparameters(file, {"number_of_epochs": "1", "batch_size": "8", **features, **options})
        with pytest.raises(ModelError, match=said):
            run_fold(
                FOLD,
                tmp_path / said,
                hyperparameters,
                ModelData(UTTERANCES, EMOTIONS, 128, "cpu"),
                SyntheticSource(UTTERANCES),  # type: ignore[arg-type]
                classes=EMOTIONS,
                seed=1,
                run_opts={"device": "cpu", "noprogressbar": True},
                on_epoch=lambda row: None,
            )


def test_stacking_is_none_or_a_block(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="stacking is 'svr'; it can be none or a block"):
        run(tmp_path, {"stacking": "svr"})


def test_a_dev_part_without_ratings_cannot_choose(tmp_path: Path) -> None:
    unrated = [replace(one, vad=None) if 30 <= number < 45 else one for number, one in enumerate(UTTERANCES)]
    with pytest.raises(ModelError, match="the dev part has no two different ratings"):
        run(tmp_path, {"training.select_by": "ccc"}, unrated)
    history = run(tmp_path / "ua", None, unrated).history
    assert "dev_ccc" not in history[0] and "dev_ua" in history[0]
