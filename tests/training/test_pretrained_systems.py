"""The systems on pretrained encoders, from a command to a report: tiny models in folders, and the packaged ones."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.features.language_models import write_bert
from tests.features.speech_models import N_LAYERS, write_waves, write_whisper
from tests.training.recipe import Recipe

pytest.importorskip("transformers", reason="needs the extra pretrained")
TORCH_MFCC = ("--audio_encoder.features.extractor", "!new:mtser.features.TorchMFCC {}")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three models. Not to be changed."""
    root = tmp_path_factory.mktemp("models")
    wavlm, whisper = write_waves(root / "wavlm", "wavlm"), write_whisper(root / "whisper")
    return {"bert": write_bert(root / "bert"), "wavlm": wavlm, "whisper": whisper}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No hub, and nothing stored yet."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("system", "audio", "text"),
    [
        ("ssl_full", "wavlm", "bert"),
        ("ssl_audio_only", "whisper", None),
        ("ssl_text_only", None, "bert"),
        ("ssl_mean_pool", "wavlm", "bert"),
        ("ssl_embedding", "wavlm", None),
        ("mfcc_bert", None, "bert"),
    ],
)
def test_models_in_folders(
    recipe: Recipe, models: dict[str, Path], offline: None, system: str, audio: str | None, text: str | None
) -> None:
    """Their widths differ from those of the default models: nothing else has to be said."""
    options = ["--audio_model", str(models[audio])] if audio else []
    options += ["--text_model", str(models[text])] if text else []
    own = replace(recipe, system=system)
    ended = own(*options, *(TORCH_MFCC if system == "mfcc_bert" else ()))
    assert ended.code == 0, ended.err
    told = json.loads((own.seed_folder() / "metrics.json").read_text())
    assert told["n_utterances"] == 16
    named = [f"Sound is heard by the pretrained model {models[audio].name}."] if audio else []
    named += [f"Words are read by the pretrained model {models[text].name}."] if text else []
    assert sorted(one for one in told["notes"] if "pretrained model" in one) == named
    if audio:
        assert "Extracting 80 utterances, 0.013 hours: " in ended.err
    before = (own.seed_folder() / "predictions.csv").read_bytes()
    again = own(*options, *(TORCH_MFCC if system == "mfcc_bert" else ()))
    assert again.code == 0 and "Extracting" not in again.err
    assert (own.seed_folder() / "predictions.csv").read_bytes() == before


@pytest.mark.parametrize("audio", ["wavlm", "whisper"])
def test_recordings_at_once_have_the_answers_of_each_alone(
    recipe: Recipe, models: dict[str, Path], offline: None, audio: str
) -> None:
    from mtser.alignment.word import Word
    from mtser.inference import EmotionRecognizer, Recognition, Recording

    own = replace(recipe, system="ssl_full")
    assert own("--audio_model", str(models[audio]), "--text_model", str(models["bert"])).code == 0
    random = np.random.default_rng(0)
    words = (Word("what", 0.05, 0.2), Word("a", 0.2, 0.25), Word("day", 0.25, 0.4))
    recordings = [
        Recording(random.normal(0, 0.1, random.integers(7000, 15000)).astype(np.float32), rate=16000, words=words)
        for _ in range(16)
    ]
    recognizer = EmotionRecognizer.from_run(own.seed_folder())
    alone = [next(recognizer.recognize_many([one], explain=False, n_jobs=1)) for one in recordings]
    together = recognizer.recognize_many(recordings, explain=False, n_jobs=4)
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, Recognition) and isinstance(other, Recognition)
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-6)


def test_the_weights_of_the_layers_are_told(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_mean_pool")
    ended = own("--audio_model", str(models["wavlm"]), "--text_model", str(models["bert"]))
    assert ended.code == 0, ended.err
    told = json.loads((own.seed_folder() / "folds/session_1/result.json").read_text())
    weights = find(told, "audio")["weights of the layers"]
    assert len(weights) == N_LAYERS + 1 and np.isclose(sum(weights), 1, atol=5e-3)


def find(told: object, name: str) -> dict:
    """The first dictionary of a name that tells the weights of layers."""
    if isinstance(told, dict):
        if isinstance(told.get(name), dict) and "weights of the layers" in told[name]:
            return told[name]
        for value in told.values():
            if found := find(value, name):
                return found
    return {}


def test_word_means_in_the_place_of_wr_and_turns_before(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    means = "blocks/audio/pretrained_mean.yaml"
    options = ["--audio_encoder", means, "--audio_encoder.features.extractor.model", str(models["wavlm"])]
    options += ["--text_model", str(models["bert"]), "--text_encoder.words.n_preceding", "2"]
    ended = own(*options)
    assert ended.code == 0, ended.err
    assert (own.seed_folder() / "predictions.csv").is_file()


def test_mean_pooled_with_logistic_regression(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="classical")
    options = ["--audio_encoder.features", "blocks/features/pretrained_means.yaml"]
    options += ["--audio_encoder.features.extractor.model", str(models["wavlm"])]
    options += ["--text_encoder", "blocks/text/contextual_mean.yaml"]
    options += ["--text_encoder.features.extractor.model", str(models["bert"])]
    ended = own(*options)
    assert ended.code == 0, ended.err
    assert json.loads((own.seed_folder() / "metrics.json").read_text())["n_utterances"] == 16


def test_models_that_are_not_there(recipe: Recipe, tmp_path: Path, offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    assert (
        f"there is no folder {tmp_path}/nothing; a model's has"
        in own("--audio_model", str(tmp_path / "nothing")).sentence
    )
    sentence = own("--audio_model", "someone/model").sentence
    assert "the model someone/model was not found: there is no folder" in sentence
    assert "Name a folder with config.json, preprocessor_config.json and *.safetensors" in sentence
