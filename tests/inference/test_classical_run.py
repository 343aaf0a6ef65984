"""A run of the classical reference judges, explains itself and is exported as others do."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mtser.errors import ModelError
from mtser.inference import EmotionRecognizer
from mtser.inference.export import export_run
from mtser.inference.members import load_run
from tests.inference.conftest import Train, check_answers, predictions, recordings_of

pytest.importorskip("opensmile", reason="needs the extra opensmile")
pytestmark = pytest.mark.filterwarnings("ignore:.*folds are finished.*")

FEW = ("--model.strengths", "[1.0, 30.0]")
KINDS = {
    "late": (),
    "early": ("--model.fusion", "early"),
    "audio": ("--text_encoder", "null"),
    "text": ("--audio_encoder", "null"),
    "frames": ("--audio_encoder.features", "blocks/features/mfcc_statistics.yaml"),
}


@pytest.fixture
def run(train: Train) -> Path:
    return train("classical", *FEW)


@pytest.mark.parametrize("kind", KINDS)
def test_a_folds_model_says_what_the_run_said_and_so_does_its_export(
    train: Train, tiny: Path, tmp_path: Path, kind: str
) -> None:
    run = train("classical", *FEW, *KINDS[kind])
    expected = predictions(run)
    exported = export_run(load_run(run, "session_1"), tmp_path / "model", onnx=False)
    for recognizer in (
        EmotionRecognizer.from_run(run, fold="session_1"),
        EmotionRecognizer.from_pretrained(exported),
    ):
        check_answers(recognizer, recordings_of(run, tiny, list(expected)), expected, 1e-6)


def test_words_are_taken_out_of_both_modalities(run: Path, tiny: Path) -> None:
    recognizer = EmotionRecognizer.from_run(run, fold="session_1")
    given = recordings_of(run, tiny, list(predictions(run)))
    told = [recognizer.recognize(one.audio, words=one.words) for one in given]
    assert all(set(word.occlusion) == {"audio", "text"} and not word.attention for one in told for word in one.words)
    assert not any(one.warnings for one in told)
    assert max(abs(word.occlusion["text"]) for one in told for word in one.words) > 1e-3
    one, words = told[0], given[0].words
    assert words is not None
    unknown = [replace(words[0], word="never-heard"), *words[1:]]
    without = recognizer.recognize(given[0].audio, words=unknown, explain=False)
    change = one.probability - without.probabilities[one.emotion]
    assert one.words[0].occlusion["text"] == pytest.approx(change, abs=1e-9)


def test_the_export_is_data_with_a_card(run: Path, tmp_path: Path) -> None:
    folder = export_run(load_run(run), tmp_path / "model", onnx=False)
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    member = "members/session_1"
    assert {f"{member}/model.safetensors", f"{member}/assets/text/vocabulary.json"} < files
    assert not [name for name in files if name.endswith((".npz", ".pkl", ".onnx"))]
    config = json.loads((folder / "config.json").read_text())
    assert config["epochs"] == {} and config["allow"] == []
    card = (folder / "README.md").read_text()
    assert "The system `classical`" in card and "Epoch" not in card


@pytest.mark.parametrize("kind", ["late", "early"])
def test_onnx_agrees(train: Train, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("onnxruntime")
    run = train("classical", *FEW, *KINDS[kind])
    export_run(load_run(run, "session_1"), tmp_path / "model")  # which compares, and refuses a difference
    assert (tmp_path / "model/members/session_1/model.onnx").is_file()


def test_what_is_missing_damaged_or_of_another_model(run: Path, train: Train, tmp_path: Path) -> None:
    copy = shutil.copytree(run, tmp_path / "run")
    file = copy / "folds" / "session_1" / "classical" / "classical.npz"

    def sentence() -> str:
        with pytest.raises(ModelError) as error:
            EmotionRecognizer.from_run(copy, fold="session_1")
        return str(error.value)

    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert "classical.npz: cannot be read" in sentence()
    np.savez(file, allow_pickle=True, share=np.array([{}], dtype=object))
    assert "classical.npz: cannot be read" in sentence() and "allow_pickle=False" in sentence()
    file.unlink()
    assert "classical.npz: cannot be read" in sentence()
    shutil.copy(train("classical", *FEW, *KINDS["audio"]) / "folds/session_1/classical/classical.npz", file)
    assert "classical.npz: lacks text.weights, which the model has" in sentence()
    with np.load(run / "folds/session_1/classical/classical.npz") as stored:
        arrays = {**stored, "audio.weights": np.zeros((4, 7))}
    np.savez(file, **arrays)
    assert "encoders.audio.linear.weight has the shape [4, 7]" in sentence()


def test_a_view_of_someone_else_is_refused(run: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(run, tmp_path / "run")
    text = (copy / "hyperparams.yaml").read_text()
    (copy / "hyperparams.yaml").write_text(text.replace("!new:mtser.classical.TfIdf", "!new:mine.Stems"))
    with pytest.raises(ModelError, match=r"hyperparams.yaml: its text_encoder !new:mine.Stems is none of mtser's"):
        load_run(copy)
