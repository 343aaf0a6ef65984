"""wav2vec 2.0, HuBERT, WavLM and data2vec-audio: convolutions over the wave, then a transformer."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError
from mtser.features.speech.model import SpeechModel
from mtser.features.speech.recorder import LayerRecorder
from mtser.features.transformer import load_transformer
from mtser.pretrained import configuration

FAMILIES = ("wav2vec2", "hubert", "wavlm", "data2vec-audio")
"""The ``model_type`` of those that :class:`WaveModel` reads."""

_LONGEST = 60.0  # seconds; attention costs the square of this, and models were trained on stretches of 15 to 20 s


class WaveModel(SpeechModel):
    """A model that reads samples.

    An utterance has the same states alone and in a padded batch, also where the model as it is published does not give
    that: its normalisation over time (the "group" norm of base-size models), which would count the padding, sees the
    real frames only; behind each of several positional convolutions (data2vec) the padding is set to zero again, as
    it is before the first one; attention is masked.

    Parameters
    ----------
    folder
        In the layout of the Hugging Face hub, with ``preprocessor_config.json``.
    pickled
        Whether weights may come from a pickled checkpoint.

    Raises
    ------
    FeatureError
        If its configuration cannot be used.
    """

    untrained = ("feature_extractor.", "masked_spec_embed")

    def __init__(self, folder: Path, pickled: bool = False) -> None:
        super().__init__()
        told = configuration(folder)
        try:
            self.kernels, self.strides = list(told["conv_kernel"]), list(told["conv_stride"])  # type: ignore[call-overload]
            self.n_layers, self.width = int(told["num_hidden_layers"]), int(told["hidden_size"])  # type: ignore[call-overload]
        except (KeyError, TypeError, ValueError) as error:
            raise FeatureError(f"{folder / 'config.json'}: does not describe a model of speech ({error}).") from error
        if told.get("add_adapter"):
            raise FeatureError(f"{folder}: has an adapter, which changes the frames; choose another model.")
        self.folder = folder
        self.pickled = pickled
        self.step = int(np.prod(self.strides))
        reach = 1
        for kernel, stride in zip(reversed(self.kernels), reversed(self.strides), strict=True):
            reach = (reach - 1) * stride + kernel
        self.window = reach
        self.frame_length, self.frame_step = self.window / SAMPLE_RATE, self.step / SAMPLE_RATE
        self.longest = (round(_LONGEST * SAMPLE_RATE) - self.window) // self.step * self.step + self.window
        self.normalised = _normalises(folder)
        self._model: Any = None

    def n_frames(self, n_samples: int) -> int:
        """How many frames so many samples have."""
        return self._lengths(n_samples)[-1]

    def load(self, device: torch.device) -> None:
        """Read the weights."""
        with self._busy:
            if self._model is None:
                model = load_transformer(self.folder, self.pickled)
                self._norms = _unpadded_norms(model)
                self._recorder = LayerRecorder(model.encoder.layers)
                self._mask = _keep_padding_zero(model)
                self._model = model.to(device)

    def unload(self) -> None:
        """Free the memory."""
        self._model = None

    @property
    def network(self) -> nn.Module:
        """Transformers' model."""
        return self._model

    @property
    def layers(self) -> nn.ModuleList:
        """Of its transformer."""
        return self._model.encoder.layers

    def states(self, waveforms: list[Tensor]) -> list[list[Tensor]]:
        """The states of every layer: the last through the final norm, where the model has one."""
        device = self._model.device
        lengths = torch.tensor([len(one) for one in waveforms])
        samples = nn.utils.rnn.pad_sequence(waveforms, batch_first=True).to(device)
        inside = [self._lengths(len(one)) for one in waveforms]
        n_frames = [each[-1] for each in inside]
        padded = min(lengths) < max(lengths)
        mask = (torch.arange(samples.shape[1]) < lengths.unsqueeze(1)).long().to(device) if padded else None
        with self._busy, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Support for mismatched key_padding_mask")  # transformers' WavLM
            for layer, norm in self._norms.items():
                norm.lengths = [each[layer] for each in inside]
            self._mask.lengths = torch.tensor(n_frames, device=device) if padded else None
            layers = self._recorder.record(lambda: self._model(samples, attention_mask=mask).last_hidden_state)
        return [[layer[row, :n] for layer in layers] for row, n in enumerate(n_frames)]

    def _lengths(self, n_samples: int) -> list[int]:
        """How many frames there are behind each convolution."""
        lengths = []
        for kernel, stride in zip(self.kernels, self.strides, strict=True):
            n_samples = max(0, (n_samples - kernel) // stride + 1)
            lengths.append(n_samples)
        return lengths


class _UnpaddedGroupNorm(nn.Module):
    """A normalisation over time that does not see the padding of a batch; behind a row's end it gives zeros."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.norm = norm
        self.lengths: list[int] = []

    def forward(self, frames: Tensor) -> Tensor:
        """``[batch, channels, frames]`` → the same shape."""
        if all(length == frames.shape[2] for length in self.lengths):
            return self.norm(frames)
        normed = torch.zeros_like(frames)
        for row, length in enumerate(self.lengths):
            normed[row, :, :length] = self.norm(frames[row : row + 1, :, :length])[0]
        return normed


def _unpadded_norms(model: Any) -> dict[int, _UnpaddedGroupNorm]:
    """Put them in the places of the model's own; number of the convolution → norm."""
    norms = {}
    for number, layer in enumerate(model.feature_extractor.conv_layers):
        if isinstance(getattr(layer, "layer_norm", None), nn.GroupNorm):
            layer.layer_norm = norms[number] = _UnpaddedGroupNorm(layer.layer_norm)
    return norms


class _Mask:
    """Sets frames behind a row's end to zero, behind a positional convolution."""

    lengths: Tensor | None = None

    def __call__(self, module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
        if self.lengths is None:
            return output
        real = torch.arange(output.shape[2], device=output.device) < self.lengths.unsqueeze(1)
        return output * real.unsqueeze(1)


def _keep_padding_zero(model: Any) -> _Mask:
    mask = _Mask()
    for layer in getattr(model.encoder.pos_conv_embed, "layers", ()):  # several, one behind the other: data2vec
        layer.register_forward_hook(mask)
    return mask


def _normalises(folder: Path) -> bool:
    """Whether the model was trained on utterances of mean 0 and variance 1."""
    file = folder / "preprocessor_config.json"
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        rate = told.get("sampling_rate", SAMPLE_RATE)
    except (OSError, ValueError, AttributeError) as error:
        raise FeatureError(
            f"{file}: cannot be read ({error}); it says whether the model takes normalised audio, and comes with the "
            "model from the hub."
        ) from error
    if rate != SAMPLE_RATE:
        raise FeatureError(f"{file}: the model takes audio at {rate} Hz, but mtser reads {SAMPLE_RATE} Hz.")
    return bool(told.get("do_normalize", True))
