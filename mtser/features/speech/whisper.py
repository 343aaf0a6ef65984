"""Whisper's encoder: a log-mel spectrogram, two convolutions, a transformer."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError
from mtser.features.speech.ctranslate2_file import CTranslate2File
from mtser.features.speech.model import SpeechModel
from mtser.features.speech.recorder import LayerRecorder
from mtser.features.speech.whisper_mel import SAMPLES, whisper_mel
from mtser.features.transformer import import_transformers, load_transformer
from mtser.pretrained import CTRANSLATE2, WEIGHTS, configuration

_STEP = 320  # samples from frame to frame
_ROUND = SAMPLE_RATE // 2  # stretches that take equally many half seconds are computed together


class WhisperModel(SpeechModel):
    """Whisper's encoder through transformers, from a folder of the hub's layout or of CTranslate2's.

    It was trained on 30 s, silence behind what is shorter, so that 3 s of speech cost what 30 s do. With ``silence``
    it reads only so much silence, and its states are somewhat others. The states of the silence are cut off. A frame
    is centred on a multiple of 20 ms, so its length is given as 0.

    Parameters
    ----------
    folder
        With ``*.safetensors`` (or a pickled checkpoint), or with ``model.bin`` of CTranslate2 in half or single
        precision.
    pickled
        Whether weights may come from a pickled checkpoint.
    silence
        Seconds of silence behind the speech, rounded up to whole half seconds of both; None: up to 30 s of both.

    Raises
    ------
    FeatureError
        If its configuration or its weights cannot be used.
    """

    frame_length = 0.0
    frame_step = _STEP / SAMPLE_RATE
    step = window = _STEP
    longest = SAMPLES
    untrained = ("conv1.", "conv2.", "embed_positions.")

    def __init__(self, folder: Path, pickled: bool = False, silence: float | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.silence = silence
        self.pickled = pickled
        self._file = None
        if not any(folder.glob(WEIGHTS)) and (folder / CTRANSLATE2).is_file():
            self._file = CTranslate2File(folder / CTRANSLATE2)
        self.n_layers, self.width, self.n_mel = _sizes(self._file) if self._file else _sizes_told(folder)
        self._encoder: Any = None

    def n_frames(self, n_samples: int) -> int:
        """How many frames so many samples have: those that are centred in them."""
        return -(-n_samples // _STEP)

    def n_computed(self, n_samples: int) -> int:
        """30 s, or the samples and the silence behind them."""
        if self.silence is None:
            return SAMPLES
        return min(-(-(n_samples + round(self.silence * SAMPLE_RATE)) // _ROUND) * _ROUND, SAMPLES)

    def load(self, device: torch.device) -> None:
        """Read the weights."""
        with self._busy:
            if self._encoder is None:
                encoder = self._read_weights()
                self._recorder = LayerRecorder(encoder.layers)
                self._encoder = encoder.eval().to(device)

    def unload(self) -> None:
        """Free the memory."""
        self._encoder = None

    @property
    def network(self) -> nn.Module:
        """Transformers' encoder."""
        return self._encoder

    @property
    def layers(self) -> nn.ModuleList:
        """Of its transformer."""
        return self._encoder.layers

    def states(self, waveforms: list[Tensor]) -> list[list[Tensor]]:
        """The states of every layer, the last through the final norm."""
        told: dict[int, list[Tensor]] = {}
        device = self._encoder.device
        for rows, mel in self._equally_long([one.to(device) for one in waveforms]):
            with self._busy:
                layers = self._recorder.record(partial(self._read, mel))
            for row, states in zip(rows, zip(*layers, strict=True), strict=True):
                told[row] = [one[: self.n_frames(len(waveforms[row]))] for one in states]
        return [told[row] for row in range(len(waveforms))]

    def _equally_long(self, waveforms: list[Tensor]) -> Iterator[tuple[list[int], Tensor]]:
        """The spectrograms of those on which equally much is computed, and which they are."""
        lengths = [self.n_computed(len(one)) for one in waveforms]
        for length in dict.fromkeys(lengths):
            rows = [row for row, its in enumerate(lengths) if its == length]
            with torch.autocast(waveforms[0].device.type, enabled=False):  # a logarithm needs more than half precision
                mel = torch.stack([whisper_mel(waveforms[row], self.n_mel, length) for row in rows])
            yield rows, mel

    def _read_weights(self) -> Any:
        return _encoder_of(self._file) if self._file else load_transformer(self.folder, self.pickled).get_encoder()

    def _read(self, mel: Tensor) -> Tensor:
        """Spectrograms ``[batch, n_mel, frames]`` → the last states; transformers' own forward takes only 30 s."""
        encoder = self._encoder
        states = gelu(encoder.conv2(gelu(encoder.conv1(mel)))).transpose(1, 2)
        states = states + encoder.embed_positions.weight[: states.shape[1]]
        for layer in encoder.layers:
            told = layer(states, None)
            states = told if isinstance(told, Tensor) else told[0]
        return encoder.layer_norm(states)


def _sizes_told(folder: Path) -> tuple[int, int, int]:
    told = configuration(folder)
    try:
        return int(told["encoder_layers"]), int(told["d_model"]), int(told["num_mel_bins"])  # type: ignore[call-overload]
    except (KeyError, TypeError, ValueError) as error:
        raise FeatureError(f"{folder / 'config.json'}: does not describe a Whisper model ({error}).") from error


def _sizes(file: CTranslate2File) -> tuple[int, int, int]:
    """Layers, width and mel bands."""
    n_layers = 0
    while f"encoder/layer_{n_layers}/ffn/layer_norm/gamma" in file:
        n_layers += 1
    width, n_mel, _ = file.shape("encoder/conv1/weight")
    return n_layers, width, n_mel


def _encoder_of(file: CTranslate2File) -> Any:
    """Transformers' encoder with CTranslate2's weights."""
    n_layers, width, n_mel = _sizes(file)
    transformers = import_transformers()
    config = transformers.WhisperConfig(
        vocab_size=8,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=0,
        d_model=width,
        encoder_layers=n_layers,
        encoder_attention_heads=file.number("encoder/num_heads"),
        encoder_ffn_dim=file.shape("encoder/layer_0/ffn/linear_0/weight")[0],
        num_mel_bins=n_mel,
        max_source_positions=file.shape("encoder/position_encodings/encodings")[0],
    )
    encoder = transformers.models.whisper.modeling_whisper.WhisperEncoder(config).requires_grad_(False)
    weights = {"embed_positions.weight": file["encoder/position_encodings/encodings"]}
    for ours in ("conv1", "conv2"):
        weights |= {f"{ours}.{part}": file[f"encoder/{ours}/{part}"] for part in ("weight", "bias")}
    norms: dict[str, str] = {"layer_norm": "layer_norm"}
    linears: dict[str, str] = {}
    for n in range(n_layers):
        ours, theirs = f"layers.{n}", f"layer_{n}"
        norms |= {f"{ours}.self_attn_layer_norm": f"{theirs}/self_attention/layer_norm"}
        norms |= {f"{ours}.final_layer_norm": f"{theirs}/ffn/layer_norm"}
        linears |= {f"{ours}.self_attn.out_proj": f"{theirs}/self_attention/linear_1"}
        linears |= {f"{ours}.fc1": f"{theirs}/ffn/linear_0", f"{ours}.fc2": f"{theirs}/ffn/linear_1"}
        for part in ("weight", "bias"):  # queries, keys and values are one array there
            three = np.split(file[f"encoder/{theirs}/self_attention/linear_0/{part}"], 3)
            weights |= {f"{ours}.self_attn.{name}_proj.{part}": one for name, one in zip("qkv", three, strict=True)}
        weights.pop(f"{ours}.self_attn.k_proj.bias")  # zero: Whisper has none
    for ours, theirs in norms.items():
        weights |= {f"{ours}.weight": file[f"encoder/{theirs}/gamma"], f"{ours}.bias": file[f"encoder/{theirs}/beta"]}
    for ours, theirs in linears.items():
        weights |= {f"{ours}.{part}": file[f"encoder/{theirs}/{part}"] for part in ("weight", "bias")}
    encoder.load_state_dict({name: torch.from_numpy(weight) for name, weight in weights.items()})
    return encoder
