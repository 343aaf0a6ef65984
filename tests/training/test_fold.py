"""One fold, without a corpus on disk."""

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mtser.configuration import Hyperparameters
from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError
from mtser.training.data import ModelData
from mtser.training.fold import FoldResult, read_result, run_fold
from mtser.training.folds import Fold
from tests.helpers.synthetic import EMOTIONS, SyntheticSource, random_utterances
from tests.training.recipe import HPARAMS

UTTERANCES = random_utterances(30)
FOLD = Fold("one", *(tuple(one.id for one in UTTERANCES[begin:end]) for begin, end in ((0, 16), (16, 22), (22, 30))))
SHORT = {
    "number_of_epochs": "4",
    "batch_size": "5",
    "training.patience": "3",
    "audio_encoder.features": "blocks/features/mfcc_torch.yaml",
}


def run(
    folder: Path,
    *,
    utterances: list[Utterance] | None = None,
    seed: int = 1,
    on_epoch: Any = None,
    device: str = "cpu",
    **overrides: str,
) -> FoldResult:
    said = utterances or UTTERANCES
    given = {**SHORT, **{name.replace("__", "."): value for name, value in overrides.items()}}
    return run_fold(
        FOLD,
        folder,
        Hyperparameters(HPARAMS / "full.yaml", given),
        ModelData(said, EMOTIONS, 128, device),
        SyntheticSource(said),  # type: ignore[arg-type]
        classes=EMOTIONS,
        seed=seed,
        run_opts={"device": device, "noprogressbar": True},
        on_epoch=on_epoch or (lambda row: None),
    )


def same(first: FoldResult, second: FoldResult) -> bool:
    untimed = [[{**row, "seconds": 0} for row in result.history] for result in (first, second)]
    return (
        np.array_equal(first.predictions.probabilities, second.predictions.probabilities)
        and first.predictions.utterances == second.predictions.utterances
        and untimed[0] == untimed[1]
    )


def test_a_fold_depends_on_nothing_but_its_seed(tmp_path: Path) -> None:
    first = run(tmp_path / "first")
    random.random(), np.random.rand(), torch.rand(7)
    assert same(first, run(tmp_path / "second"))
    assert not same(first, run(tmp_path / "third", seed=2))


def test_its_result_is_read_again_and_is_whole_or_absent(tmp_path: Path) -> None:
    result = run(tmp_path)
    again = read_result(tmp_path)
    assert again is not None and same(result, again) and again.summary == result.summary
    assert again.predictions.utterances == FOLD.test and set(again.predictions.folds) == {"one"}
    assert again.predictions.truth.tolist() == [EMOTIONS.index(one.emotion) for one in UTTERANCES[22:]]
    (tmp_path / "result.json").unlink()  # written last
    assert read_result(tmp_path) is None


@pytest.mark.parametrize("epochs", [[1], [2, 3], [1, 2, 3, 4]])
def test_a_fold_that_was_broken_off_goes_on_as_if_it_had_not(tmp_path: Path, epochs: list[int]) -> None:
    """Broken off between the end of an epoch and its checkpoint, so that the epoch is run again."""
    whole = run(tmp_path / "whole", training__patience="9")
    heard: list[int] = []

    def hear(row: dict[str, Any]) -> None:
        heard.append(row["epoch"])
        if left and row["epoch"] == left[0]:
            left.pop(0)
            raise InterruptedError

    left = list(epochs)
    for _ in epochs:
        with pytest.raises(InterruptedError):
            run(tmp_path / "broken", on_epoch=hear, training__patience="9")
    heard.clear()
    result = run(tmp_path / "broken", on_epoch=hear, training__patience="9")
    assert same(result, whole)
    assert heard == [1, 2, 3, 4]  # those of earlier starts are told again


def test_a_fold_that_was_broken_off_after_its_last_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr("mtser.training.fold._predictions", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(tmp_path / "broken")
    assert read_result(tmp_path / "broken") is None
    assert same(run(tmp_path / "broken"), whole)


def test_early_stopping_and_the_best_epoch(tmp_path: Path) -> None:
    result = run(tmp_path, number_of_epochs="40", training__patience="2")
    uas = [row["dev_ua"] for row in result.history]
    best = int(np.argmax(uas)) + 1  # the first of equals
    assert len(uas) == min(best + 2, 40) and len(uas) < 40
    kept = [json.loads((each / "progress.ckpt").read_text()) for each in (tmp_path / "checkpoints").iterdir()]
    assert {len(history) for history in kept} == {best, len(uas)}


def test_the_epoch_of_the_greatest_likelihood_can_be_chosen(tmp_path: Path) -> None:
    options = {"training__select_by": "likelihood", "training__optimizer.lr": "0.01", "number_of_epochs": "12"}
    result = run(tmp_path, **options, training__patience="12")
    assert result.measure == "dev_likelihood"
    losses = [row["dev_loss"] for row in result.history]
    likelihoods = [row["dev_likelihood"] for row in result.history]
    assert likelihoods == pytest.approx(np.exp(-np.array(losses)), rel=1e-5)
    chosen = int(np.argmin(losses)) + 1
    assert chosen not in (int(np.argmax([row["dev_ua"] for row in result.history])) + 1, 12)  # so that it can be told
    kept = {len(json.loads((one / "progress.ckpt").read_text())) for one in (tmp_path / "checkpoints").iterdir()}
    assert kept == {chosen, 12}


def test_a_measure_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="select_by is 'loss'; it can be ua or ccc or likelihood"):
        run(tmp_path, training__select_by="loss")


def test_only_the_training_part_is_learnt_from_before_training(tmp_path: Path) -> None:
    words = [
        tuple(replace(word, word=f"{word.word}_{i // 16}") for word in one.words) for i, one in enumerate(UTTERANCES)
    ]
    run(tmp_path, utterances=[replace(one, words=own) for one, own in zip(UTTERANCES, words, strict=True)])
    tokens = json.loads((tmp_path / "assets" / "text" / "vocabulary.json").read_text())
    counts = Counter(word.word.lower() for own in words[:16] for word in own)
    assert {token for token in tokens if not token.startswith("<")} == {
        word for word, count in counts.items() if count >= 2
    }
    checkpoint = next((tmp_path / "checkpoints").iterdir())  # mean and deviation are the same in all of them
    state = torch.load(checkpoint / "model.ckpt", weights_only=True)
    frames = SyntheticSource(UTTERANCES)
    model = Hyperparameters(HPARAMS / "full.yaml", SHORT).build()["model"]
    values = model.encoders["audio"].features.load(UTTERANCES[:16], frames).values.double()
    torch.testing.assert_close(state["encoders.audio.mean"].double(), values.mean(0), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(state["encoders.audio.std"].double(), values.std(0, correction=0), rtol=1e-4, atol=1e-4)


def test_a_yaml_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("model: 3\nnumber_of_epochs: 1\nbatch_size: 2\n")
    with pytest.raises(ConfigError, match=r"own\.yaml: a system needs the keys model"):
        run_fold(
            FOLD,
            tmp_path,
            Hyperparameters(tmp_path / "own.yaml"),
            ModelData(UTTERANCES, EMOTIONS, 128, "cpu"),
            SyntheticSource(UTTERANCES),  # type: ignore[arg-type]
            classes=EMOTIONS,
            seed=1,
            run_opts={"device": "cpu"},
            on_epoch=print,
        )


def test_the_labels_of_dev_and_test_choose_no_weight_and_no_class_weight(tmp_path: Path) -> None:
    """Dev labels choose the epoch alone: with one epoch nothing depends on them, and never on the test part's."""
    once = {"number_of_epochs": "1", "training__loss__class_weights": "balanced"}
    other = [*UTTERANCES[:16], *(replace(one, emotion=EMOTIONS[0], votes=None) for one in UTTERANCES[16:])]
    first, second = run(tmp_path / "first", **once), run(tmp_path / "second", utterances=other, **once)
    assert np.array_equal(first.predictions.probabilities, second.predictions.probabilities)
    assert first.history[0]["dev_ua"] != second.history[0]["dev_ua"]


def test_the_test_part_chooses_no_epoch(tmp_path: Path) -> None:
    options = {"number_of_epochs": "12", "training__optimizer__lr": "0.01", "training__patience": "12"}
    other = [*UTTERANCES[:22], *(replace(one, emotion=EMOTIONS[0], votes=None) for one in UTTERANCES[22:])]
    first, second = run(tmp_path / "first", **options), run(tmp_path / "second", utterances=other, **options)
    assert np.array_equal(first.predictions.probabilities, second.predictions.probabilities)
    assert 1 < int(np.argmax([row["dev_ua"] for row in first.history])) + 1 < 12  # so that there was a choice
