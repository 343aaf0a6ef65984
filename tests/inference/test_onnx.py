import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.errors import ModelError
from mtser.inference import EmotionRecognizer
from mtser.inference.ensemble import probabilities
from mtser.inference.onnx_export import OnnxForm, write_onnx
from mtser.inference.onnx_inputs import axes_of, onnx_inputs, random_batch, tensor_names
from mtser.model import EmotionModel
from tests.inference.conftest import Train, recordings_of

onnxruntime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.filterwarnings("ignore:.*folds are finished.*")

SYSTEMS = {
    "full": (),
    "text_only": ("--text_encoder", "blocks/text/subwords.yaml", "--text_encoder.tokenizer.size", "40"),
    "mha2": (),
    "ssl_full": (),
    "ssl_embedding": ("--audio_encoder.states", "linear"),
    "ssl_mean_pool": (),
    "bert_functionals": (),
    "lstm_attn": ("--alignment", "blocks/fusion/additive_alignment.yaml"),
    "phoneme_spectrogram": (),
    "mcaf": ("--context", "blocks/context/dialog.yaml"),
}


def trained(train: Train, system: str) -> tuple[Path, EmotionRecognizer, EmotionModel]:
    run = train(system, *SYSTEMS.get(system, ()))
    recognizer = EmotionRecognizer.from_run(run, fold="session_1", device="cpu")
    return run, recognizer, recognizer.ensemble.models["session_1"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_onnx_agrees_on_recordings_and_on_noise_of_any_length(
    train: Train, tiny: Path, tmp_path: Path, system: str
) -> None:
    run, recognizer, model = trained(train, system)
    file = write_onnx(model, recognizer.classes, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == tensor_names(model)
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == list(recognizer.classes)

    batches = [random_batch(model, n_words, n_words) for n_words in (1, 2, 11, 40)]
    for recording in recordings_of(run, tiny, ["Ses03F_impro01_F000", "Ses04F_impro01_M010"]):
        prepared = recognizer.prepare(recording)
        heard, source = prepared.heard, prepared.source
        utterance = recognizer.ensemble.utterance(heard, source.ids[0])
        batches.append(recognizer.ensemble.batches([utterance], source)[0][1])
    spread = []
    for batch in batches:
        (found,) = session.run(None, onnx_inputs(model, batch))
        with torch.inference_mode():
            expected = probabilities(model, batch)
        np.testing.assert_allclose(found, expected, atol=1e-4)
        spread.append(expected[0])
    assert np.ptp(spread, axis=0).max() > 1e-3, "inputs that all give the same would test nothing"


def test_the_form_leaves_the_model_as_it_is(train: Train) -> None:
    _, _, model = trained(train, "full")
    before = {name: one.clone() for name, one in model.state_dict().items()}
    kinds = [type(part) for part in model.modules()]
    OnnxForm(model)
    assert [type(part) for part in model.modules()] == kinds
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())


def test_words_and_frames_are_of_any_number(train: Train) -> None:
    _, _, model = trained(train, "full")
    assert axes_of(model) == {
        "text_tokens": {0: "words"},
        "audio_frames": {0: "words", 1: "longest_audio_frames"},
        "audio_frames_lengths": {0: "words"},
    }


def test_a_model_that_onnx_cannot_hold_is_refused_with_a_sentence(train: Train, tmp_path: Path) -> None:
    _, recognizer, model = trained(train, "wise")
    with pytest.raises(ModelError, match=r"WordInteraction runs word by word.*--no_onnx leaves it out\."):
        write_onnx(model, recognizer.classes, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_form_that_differs_is_not_written(train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, recognizer, model = trained(train, "full")
    monkeypatch.setattr(
        "mtser.inference.onnx_forms.frame_weights",
        lambda attention, states, lengths, queries: (states.sum(2) * lengths.unsqueeze(1)).softmax(1),
    )
    with pytest.raises(ModelError, match="the ONNX form of the model differs from it by"):
        write_onnx(model, recognizer.classes, tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []
