"""Runs that train pretrained encoders: from a command to a result, resumed, used, exported, refused."""

import json
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.evaluation import Predictions
from tests.features.language_models import write_bert
from tests.features.speech_models import write_waves, write_whisper
from tests.training.recipe import Recipe
from tests.training.tiny_corpus import write_noise

pytest.importorskip("transformers", reason="needs the extra pretrained")
pytest.importorskip("peft", reason="needs the extra pretrained")
TORCH_MFCC = ("--audio_encoder.features.extractor", "!new:mtser.features.TorchMFCC {}")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two models. Not to be changed."""
    root = tmp_path_factory.mktemp("models")
    return {"bert": write_bert(root / "bert"), "wavlm": write_waves(root / "wavlm", "wavlm")}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No hub, and nothing stored yet."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))


def given(models: dict[str, Path], system: str) -> list[str]:
    options = [] if system in ("ssl_text_only", "mfcc_bert") else ["--audio_model", str(models["wavlm"])]
    options += [] if system in ("ssl_audio_only", "ssl_embedding") else ["--text_model", str(models["bert"])]
    return options + (list(TORCH_MFCC) if system == "mfcc_bert" else [])


@pytest.mark.parametrize(
    ("system", "tune"),
    [
        ("ssl_full", "lora"),
        ("ssl_audio_only", "top"),
        ("ssl_text_only", "all"),
        ("ssl_mean_pool", "all"),
        ("ssl_embedding", "lora"),
        ("mfcc_bert", "lora"),
    ],
)
def test_every_system(recipe: Recipe, models: dict[str, Path], offline: None, system: str, tune: str) -> None:
    own = replace(recipe, system=system)
    ended = own(*given(models, system), "--tune", tune, "--run_name", f"{system}_{tune}")
    assert ended.code == 0, ended.err
    assert "Extracting 80 utterances" not in ended.err  # as those of pretrained encoders are announced
    assert ("The sound of 80 utterances, 0.013 hours: 1.5 MB in memory" in ended.err) is (
        "--audio_model" in given(models, system)
    )
    folder = own.seed_folder(system=f"{system}_{tune}")
    told = json.loads((folder / "folds/session_1/result.json").read_text())["summary"]
    encoders = [one for one in (told.get("audio"), told.get("text")) if one]
    assert any(one.get("trained weights of the pretrained encoder") for one in encoders)
    assert json.loads((folder / "metrics.json").read_text())["n_utterances"] == 16


def test_resumed_as_if_it_had_not_been_killed(
    recipe: Recipe, models: dict[str, Path], offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mtser.training import brain

    options = [*given(models, "ssl_full"), "--tune", "lora", "--number_of_epochs", "2"]
    options += ["--fine_tuning.augment", "blocks/audio/wave_augment.yaml", "--batch_size", "16"]
    whole, killed = (replace(recipe, system="ssl_full", output_folder=tmp_path / name) for name in ("whole", "killed"))
    assert whole(*options).code == 0
    ended_epochs = brain.EmotionBrain.on_stage_end

    def stop(self, stage, stage_loss, epoch=None):  # type: ignore[no-untyped-def]
        ended_epochs(self, stage, stage_loss, epoch)
        if stage == brain.Stage.VALID and epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(brain.EmotionBrain, "on_stage_end", stop)
        assert killed(*options).code == 128 + signal.SIGINT
    assert killed(*options).code == 0
    both = [(one.seed_folder() / "folds/session_1/predictions.csv").read_bytes() for one in (whole, killed)]
    assert both[0] == both[1]


def test_checkpoints_hold_what_is_trained(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    assert own(*given(models, "ssl_full"), "--tune", "lora").code == 0
    (file,) = (own.seed_folder() / "folds/session_1/checkpoints").glob("*/model.ckpt")
    names = [name for name in torch.load(file, weights_only=True) if ".network." in name]
    assert names and all(".lora_A." in name or ".lora_B." in name for name in names)


def test_its_own_learning_rate(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    """At a rate of zero the pretrained encoders stay as they were, while all else learns."""
    own = replace(recipe, system="ssl_mean_pool")
    assert own(*given(models, "ssl_mean_pool"), "--tune", "lora", "--training.encoder_lr", "0").code == 0
    (file,) = (own.seed_folder() / "folds/session_1/checkpoints").glob("*/model.ckpt")
    weights = torch.load(file, weights_only=True)
    added = [one for name, one in weights.items() if ".lora_B." in name]
    assert added and not any(one.any() for one in added)
    assert weights["encoders.audio.layer_sum.scores"].any()


def test_mixed_precision_and_accumulated_gradients(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    options = ["--precision", "bf16", "--grad_accumulation_factor", "2", "--batch_size", "8"]
    options += ["--fine_tuning.gradient_checkpointing", "True", "--tune", "all"]
    ended = own(*given(models, "ssl_full"), *options)
    assert ended.code == 0, ended.err


def test_whisper_and_average_weights(recipe: Recipe, offline: None, tmp_path: Path) -> None:
    own = replace(recipe, system="ssl_audio_only")
    options = ["--audio_model", str(write_whisper(tmp_path / "whisper")), "--tune", "lora"]
    ended = own(*options, "--training.average", "blocks/training/average_ema.yaml")
    assert ended.code == 0, ended.err


def test_levers_on_pretrained_frames(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    options = ["--audio_encoder.augment", "!new:mtser.encoders.SpecAugment {n_parts: 1, feature_width: 4}"]
    options += ["--text_encoder.word_dropout", "0.2"]
    ended = own(*given(models, "ssl_full"), *options)
    assert ended.code == 0, ended.err


def test_used_and_exported(
    recipe: Recipe, models: dict[str, Path], offline: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mtser.alignment.word import Word
    from mtser.errors import ModelError
    from mtser.inference import EmotionRecognizer
    from mtser.inference.export import export_run
    from mtser.inference.members import load_run

    own = replace(recipe, system="ssl_full")
    assert own(*given(models, "ssl_full"), "--tune", "lora", "--training.encoder_lr", "0.01").code == 0
    random = np.random.default_rng(0)
    sound = random.normal(0, 0.1, 16000).astype(np.float32)
    said = [Word("what", 0.1, 0.4), Word("a", 0.4, 0.5), Word("day", 0.5, 0.9)]

    def told(recognizer: EmotionRecognizer) -> dict[str, float]:
        answer = recognizer.recognize(sound, words=said, rate=16000)
        assert set(answer.words[0].occlusion) == {"audio", "text"}
        return answer.probabilities  # type: ignore[return-value]

    run = load_run(own.seed_folder())
    with pytest.raises(ModelError, match=r"trained with the model has no ONNX form; export without \(--no_onnx\)"):
        export_run(run, tmp_path / "refused")
    out = export_run(run, tmp_path / "exported", onnx=False)
    own_run = told(EmotionRecognizer.from_run(own.seed_folder()))
    for folder in models.values():  # a copy is in the exported folder
        folder.rename(folder.with_name(f"{folder.name}_away"))
    try:
        exported = told(EmotionRecognizer.from_pretrained(out))
    finally:
        for folder in models.values():
            folder.with_name(f"{folder.name}_away").rename(folder)
    assert exported == pytest.approx(own_run, abs=1e-6)
    (member,) = (out / "members").glob("*/model.safetensors")
    assert member.stat().st_size < 2_000_000


def test_judges_a_corpus(recipe: Recipe, models: dict[str, Path], offline: None, own_corpus: Path) -> None:
    """The part that it was tested on, as it was judged then."""
    from mtser.cli import main

    own = replace(recipe, system="ssl_full")
    assert own(*given(models, "ssl_full"), "--tune", "lora").code == 0
    run = own.seed_folder()
    for path in own_corpus.rglob("*.wav"):
        if "Ses01" not in path.name:  # other speech than that of its training
            write_noise(path, 300.0, seed=1)
    options = ["--corpus", "again:iemocap", "--data_folder", str(own_corpus), "--device", "cpu"]
    assert main(["evaluate", str(run), *options]) == 0
    (file,) = (run / "evaluations").rglob("predictions.csv")
    tested = Predictions.read(run / "folds/session_1/predictions.csv")
    judged = Predictions.read(file)
    rows = [judged.utterances.index(one) for one in tested.utterances]
    np.testing.assert_allclose(judged.probabilities[rows], tested.probabilities, rtol=0, atol=1e-5)


def test_what_is_refused(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    options = given(models, "ssl_full")
    assert "tune is 'some'; it can be none, top, lora or all." in own(*options, "--tune", "some").sentence
    augment = ("--fine_tuning.augment", "blocks/audio/wave_augment.yaml")
    assert (
        "frozen encoders hear it once, before training: give --tune top, lora or all"
        in own(*options, *augment).sentence
    )
    nothing = ("--audio_encoder.fine_tuning", "null", "--text_encoder.fine_tuning", "null", "--tune", "lora")
    assert "no encoder of the system is told to" in own(*options, *nothing).sentence
    deaf = ("--audio_encoder.fine_tuning", "null", *augment, "--tune", "lora")
    assert "no encoder that is trained hears any" in own(*options, *deaf).sentence
    assert "there is no option --tune" in replace(recipe, system="full")("--tune", "lora").sentence


def test_another_block_is_tuned_by_a_reference(recipe: Recipe, models: dict[str, Path], offline: None) -> None:
    own = replace(recipe, system="ssl_full")
    means = ("--audio_encoder", "blocks/audio/pretrained_mean.yaml")
    options = [*means, "--audio_encoder.features.extractor.model", str(models["wavlm"]), "--tune", "lora"]
    options += ["--text_model", str(models["bert"])]
    assert own(*options, "--run_name", "half").code == 0
    notes = json.loads((own.seed_folder(system="half") / "metrics.json").read_text())["notes"]
    _, changed, untrained, *named = notes
    assert changed.startswith("Other values than in ssl_full.yaml: audio_encoder blocks/audio/pretrained_mean.yaml, ")
    assert sorted(named) == [
        f"Sound is heard by the pretrained model {models['wavlm'].name}.",
        f"Words are read by the pretrained model {models['bert'].name}.",
    ]
    assert untrained == "tune lora does not train the pretrained encoder of audio, which has no fine_tuning."
    options += ["--audio_encoder.fine_tuning", "!ref <fine_tuning>"]
    ended = own(*options, "--text_encoder.words.n_preceding", "2")
    assert ended.code == 0, ended.err
    told = json.loads((own.seed_folder() / "folds/session_1/result.json").read_text())["summary"]
    assert all(told[name]["trained weights of the pretrained encoder"] for name in ("audio", "text"))
