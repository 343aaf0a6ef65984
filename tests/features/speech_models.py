"""Tiny encoders of speech with random weights, of every family, made on the spot."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

WIDTH, N_LAYERS = 16, 2
WAVES = {
    "wav2vec2": {},
    "wav2vec2-large": {"feat_extract_norm": "layer", "do_stable_layer_norm": True},
    "hubert": {},
    "hubert-large": {"feat_extract_norm": "layer", "do_stable_layer_norm": True},
    "wavlm": {},
    "wavlm-large": {"feat_extract_norm": "layer", "do_stable_layer_norm": True},
    "data2vec-audio": {},
}
"""Name → what its configuration has beside the sizes. The others are of the base size, normalised over time."""


def write_waves(folder: Path, name: str, do_normalize: bool = True, **more: Any) -> Path:
    """One of :data:`WAVES`."""
    import transformers

    kinds = {
        "wav2vec2": (transformers.Wav2Vec2Config, transformers.Wav2Vec2Model),
        "hubert": (transformers.HubertConfig, transformers.HubertModel),
        "wavlm": (transformers.WavLMConfig, transformers.WavLMModel),
        "data2vec-audio": (transformers.Data2VecAudioConfig, transformers.Data2VecAudioModel),
    }
    configuration, model = kinds[name.removesuffix("-large")]
    sizes: dict[str, Any] = {
        "hidden_size": WIDTH,
        "num_hidden_layers": N_LAYERS,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "conv_dim": [8] * 7,
        "num_conv_pos_embedding_groups": 4,
        "num_conv_pos_embeddings": 3 if name == "data2vec-audio" else 8,
        "vocab_size": 8,
    }
    if name == "data2vec-audio":
        sizes["conv_pos_kernel_size"] = 5
    _save(folder, lambda: model(configuration(**sizes, **WAVES[name], **more)))
    told = {"do_normalize": do_normalize, "sampling_rate": 16000, "feature_extractor_type": "Wav2Vec2FeatureExtractor"}
    (folder / "preprocessor_config.json").write_text(json.dumps(told))
    return folder


def write_whisper(folder: Path, n_mel: int = 80) -> Path:
    """A Whisper, decoder and all."""
    import transformers

    config = transformers.WhisperConfig(
        vocab_size=12,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=0,
        d_model=WIDTH,
        encoder_layers=N_LAYERS,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        num_mel_bins=n_mel,
    )
    _save(folder, lambda: transformers.WhisperModel(config))
    return folder


def noise(*seconds: float, seed: int = 0) -> list[np.ndarray]:
    """Waveforms of these lengths, of rising loudness and with a mean."""
    random = np.random.default_rng(seed)
    loud = np.linspace(0.05, 0.3, max(1, len(seconds)))
    made = [random.normal(0.02, one, round(length * 16000)) for one, length in zip(loud, seconds, strict=True)]
    return [one.astype(np.float32) for one in made]


def _save(folder: Path, make: Any) -> None:
    import transformers

    transformers.logging.disable_progress_bar()
    torch.manual_seed(0)
    model = make()
    with torch.no_grad():
        for parameter in model.parameters():  # states that differ clearly
            parameter.add_(0.2 * torch.randn_like(parameter))
    model.save_pretrained(folder)
