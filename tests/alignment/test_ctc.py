"""Forced alignment by CTC models: a tiny one, and emissions that say what was said when."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.alignment.ctc import CtcAligner
from mtser.alignment.ctc_models import CtcModel, load_ctc_model
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.errors import ConfigError, FeatureError, ModelError

VOCABULARY = {
    token: i for i, token in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"])
}
HOP = 320


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    transformers = pytest.importorskip("transformers")
    path = tmp_path_factory.mktemp("ctc") / "tiny"
    path.mkdir()
    (path / "vocab.json").write_text(json.dumps(VOCABULARY))
    transformers.Wav2Vec2CTCTokenizer(str(path / "vocab.json")).save_pretrained(path)
    transformers.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(path)
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    convolutions = {"conv_dim": (8,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
    config = transformers.Wav2Vec2Config(vocab_size=len(VOCABULARY), pad_token_id=0, **sizes, **convolutions)
    transformers.Wav2Vec2ForCTC(config).save_pretrained(path)
    return path


def heard(frames: str, between: str | None = "|") -> CtcAligner:
    """An aligner whose model hears these characters, a frame each; "-" is the blank."""
    emitted = torch.full((len(frames), len(VOCABULARY)), -12.0)
    for i, character in enumerate(frames):
        emitted[i, VOCABULARY.get(character, 0)] = 0.0

    def emit(samples: torch.Tensor) -> torch.Tensor:
        return emitted.log_softmax(-1)

    aligner = CtcAligner("made up")
    aligner.__dict__["_loaded"] = CtcModel(
        emit, VOCABULARY, 0, between, HOP, False, torch.device("cpu"), {"made": "up"}
    )
    return aligner


def test_words_span_their_characters() -> None:
    aligner = heard("--OOH--|--NN-OO-||DO-OR--")
    words = aligner.align(np.zeros(24 * HOP, np.float32), ["Oh", "no", "door!"])
    frames = [(word.word, round(word.start * 50), round(word.end * 50)) for word in words]
    assert frames == [("Oh", 2, 5), ("no", 10, 15), ("door!", 18, 23)]


def test_a_word_of_several_spoken_ones_is_one() -> None:
    pytest.importorskip("num2words")
    aligner = heard("TWENTY|DOL-LARS|NOW")
    words = aligner.align(np.zeros(19 * HOP, np.float32), ["$20", "now"])
    assert [(word.word, round(word.start * 50), round(word.end * 50)) for word in words] == [
        ("$20", 0, 15),
        ("now", 16, 19),
    ]


def test_accents_are_dropped_where_the_model_has_none() -> None:
    words = heard("CAFE|UBER").align(np.zeros(9 * HOP, np.float32), ["Café", "über"], "de")
    assert [round(word.end * 50) for word in words] == [4, 9]


@pytest.mark.parametrize(
    ("frames", "words", "reason"),
    [
        ("OH|NO----", ["yes", "sir"], "text does not match the audio"),
        ("OH", ["door"], "audio too short for its words"),
        ("OOOO", ["door"], "audio too short for its words"),  # the double letter needs a blank between
        ("OH|NO", ["oh", "語"], "no pronunciation"),
    ],
)
def test_what_cannot_be_aligned_has_a_reason(frames: str, words: list[str], reason: str) -> None:
    with pytest.raises(UnusableAlignmentError) as found:
        heard(frames).align(np.zeros(len(frames) * HOP, np.float32), words)
    assert found.value.reason == reason


def test_too_little_audio_is_too_short_before_the_model_sees_it(folder: Path) -> None:
    with pytest.raises(UnusableAlignmentError, match="audio too short for its words"):
        CtcAligner(str(folder)).align(np.zeros(100, np.float32), ["oh"])


def test_a_model_of_a_folder_aligns(folder: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 48000).astype(np.float32)
    aligner = CtcAligner(str(folder), device="cpu", worst_score=-100)
    words = aligner.align(samples, ["Oh,", "no", "well-known"])
    assert [word.word for word in words] == ["Oh,", "no", "well-known"]
    assert all(0 <= word.start < word.end <= 3.0 for word in words)
    assert all(one.end <= two.start for one, two in zip(words, words[1:], strict=False))
    assert aligner.settings() == CtcAligner(str(folder), device="cpu", worst_score=-100).settings()


def test_portions_of_long_audio_join_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the first layer's norm over time, which sees a portion only, they are what the whole gives."""
    samples = np.random.default_rng(0).normal(0, 0.1, 16000 * 7 + 123).astype(np.float32)
    model = load_ctc_model(str(folder), "cpu")
    whole = CtcAligner._emit(model, samples)
    monkeypatch.setattr("mtser.alignment.ctc._PORTION", 2.0)
    monkeypatch.setattr("mtser.alignment.ctc._CONTEXT", 1.0)
    portions = CtcAligner._emit(model, samples)
    assert portions.shape == whole.shape
    assert (portions - whole).abs().max() < 0.2 < (whole[:-5] - whole[5:]).abs().max()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_finds_what_the_cpu_does(folder: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 48000).astype(np.float32)
    aligners = [CtcAligner(str(folder), device=device, worst_score=-100) for device in ("cpu", "cuda")]
    found = [aligner.align(samples, ["oh", "no"]) for aligner in aligners]
    assert found[0] == found[1]


def test_models_that_are_none_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="torchaudio has no acoustic model NO_SUCH_BUNDLE; it has .*MMS_FA"):
        load_ctc_model("NO_SUCH_BUNDLE")
    with pytest.raises(FeatureError, match="there is no folder .*/nowhere"):
        load_ctc_model("./nowhere")
    (tmp_path / "config.json").write_text('{"model_type": "bert", "architectures": ["BertModel"]}')
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(ModelError, match="is no model that was trained by CTC"):
        load_ctc_model(str(tmp_path))
