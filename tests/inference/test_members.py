import shutil
from pathlib import Path

import pytest
import torch

from mtser.errors import ModelError
from mtser.inference import EmotionRecognizer
from mtser.inference.members import load_run
from tests.inference.conftest import check_answers, predictions, recordings_of

pytestmark = pytest.mark.filterwarnings("ignore:.*folds are finished.*")


@pytest.mark.parametrize("fold", ["session_1", "session_2"])
def test_a_folds_model_says_of_its_test_part_what_the_run_said(full_run: Path, tiny: Path, fold: str) -> None:
    expected = predictions(full_run, fold)
    recognizer = EmotionRecognizer.from_run(full_run, fold=fold)
    check_answers(recognizer, recordings_of(full_run, tiny, list(expected)), expected, 2e-6)


def test_without_a_fold_the_probabilities_of_all_are_averaged(full_run: Path, tiny: Path) -> None:
    recording = recordings_of(full_run, tiny, ["Ses03F_impro01_F000"])[0]
    told = [
        EmotionRecognizer.from_run(full_run, fold=fold).recognize(recording.audio, words=recording.words, explain=False)
        for fold in ("session_1", "session_2")
    ]
    both = EmotionRecognizer.from_run(full_run).recognize(recording.audio, words=recording.words, explain=False)
    for name in both.probabilities:
        mean = (told[0].probabilities[name] + told[1].probabilities[name]) / 2
        assert both.probabilities[name] == pytest.approx(mean, abs=1e-7)
    assert told[0].probabilities != told[1].probabilities


def test_blocks_that_cannot_be_copied_are_built_anew(full_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = load_run(full_run)

    def cannot(_: object) -> None:
        raise TypeError("cannot pickle '_io.TextIOWrapper' object")

    monkeypatch.setattr("mtser.inference.members.copy.deepcopy", cannot)
    for name, model in load_run(full_run).models.items():
        expected = usual.models[name].state_dict()
        assert all(torch.equal(one, expected[key]) for key, one in model.state_dict().items())


def test_the_weights_are_those_of_the_best_epoch(full_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(full_run, tmp_path / "run")
    folder = run / "folds" / "session_1" / "checkpoints"
    first = sorted(folder.iterdir())[0]
    for number, (epoch, ua) in enumerate([(7, 2.0), (3, 2.0), (9, 0.1)]):
        other = shutil.copytree(first, folder / f"CKPT+more{number}")
        (other / "CKPT.yaml").write_text(f"epoch: {epoch}\ndev_ua: {ua}\n")
    assert load_run(run, "session_1").epochs == {"session_1": 3}


def test_folds_that_are_not_finished_are_left_out_with_a_warning(full_run: Path) -> None:
    with pytest.warns(UserWarning, match="2 of 5 folds are finished; the others are left out"):
        run = load_run(full_run)
    assert list(run.models) == ["session_1", "session_2"]
    assert run.unfinished == ("session_3", "session_4", "session_5")
    assert not any(model.training for model in run.models.values())


def test_a_checkpoint_that_was_half_deleted_when_the_run_was_killed(full_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "seed_1"
    shutil.copytree(full_run, run)
    for fold in (run / "folds").iterdir():
        (fold / "checkpoints" / "CKPT+2099-01-01+00-00-00+00").mkdir()
        (fold / "checkpoints" / "CKPT+2099-01-01+00-00-00+00" / "progress.ckpt").touch()
    assert load_run(run, "session_1").epochs == load_run(full_run, "session_1").epochs


def test_refusals(full_run: Path, tmp_path: Path) -> None:
    def sentence(folder: Path, fold: str | None = None) -> str:
        with pytest.raises(ModelError) as error:
            load_run(folder, fold)
        return str(error.value)

    assert "there is no such folder" in sentence(tmp_path / "nowhere")
    assert "it holds seed_1: name one of them" in sentence(full_run.parent)
    assert "is no folder of one run" in sentence(tmp_path)
    assert "has no fold 'session_9'; there are session_1, session_2" in sentence(full_run, "session_9")
    assert "fold session_3 is trained to its end (others are)" not in sentence(full_run, "session_3")
    assert "fold session_3 is not trained to its end" in sentence(full_run, "session_3")

    unfinished = shutil.copytree(full_run, tmp_path / "unfinished")
    for result in unfinished.glob("folds/*/result.json"):
        result.unlink()
    assert "no fold is trained to its end yet" in sentence(unfinished)

    other = shutil.copytree(full_run, tmp_path / "other")
    file = next((other / "folds" / "session_1" / "checkpoints").glob("*/model.ckpt"))
    weights = torch.load(file, weights_only=True)
    for one in (other / "folds" / "session_1" / "checkpoints").glob("*/model.ckpt"):
        torch.save({**weights, "classifier.logits.bias": torch.zeros(9)}, one)
    assert "classifier.logits.bias has the shape [9], but the model has [4] there" in sentence(other, "session_1")


def test_a_checkpoint_that_would_run_code_is_not_run(full_run: Path, tmp_path: Path) -> None:
    class Attack:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "ran",))

    run = shutil.copytree(full_run, tmp_path / "run")
    for file in (run / "folds" / "session_1" / "checkpoints").glob("*/model.ckpt"):
        torch.save({"weight": Attack()}, file)
    with pytest.raises(ModelError, match="is no checkpoint of weights"):
        load_run(run, "session_1")
    assert not (tmp_path / "ran").exists()
