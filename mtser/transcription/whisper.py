"""Transcription by Whisper (Radford et al. 2023), as faster-whisper runs it."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import ConfigError, ModelError, MtserError
from mtser.languages import main_language
from mtser.transcription.pauses import speech_segments
from mtser.transcription.transcriber import Segment, Transcriber, Transcript

DEFAULT_MODEL = "small"

_LONGEST = 29.0  # seconds: Whisper hears 30 at once
_AT_ONCE = 16  # stretches: what is in memory at a time
# What was not said: Whisper's own thresholds (section 4.5). Compression alone would reject a sentence that was really
# said several times; a loop of the decoder also has more words a second than anyone speaks.
_LEAST_LOG_PROBABILITY = -1.0
_MOST_COMPRESSION, _MOST_WORDS_A_SECOND = 2.4, 6.0
_MOST_SILENCE = 0.6
_NAMES = {"jv": "jw", "nb": "no"}  # languages that Whisper calls by another code


class WhisperTranscriber(Transcriber):
    """Whisper on the stretches of speech alone, so that it makes up nothing where nobody speaks.

    Each stretch is heard by itself, several at once. (Several in one window would be quicker, but Whisper's times are
    too coarse to tell their words apart.) Decoding is by beam search without sampling, so that it gives the same text
    each time; what it repeats endlessly, or doubts, is left out. A segment's confidence is the geometric mean of the
    probabilities of its tokens.

    Parameters
    ----------
    model
        A name that faster-whisper knows ("small", "large-v3", "distil-large-v3"), a name on the Hugging Face hub, or a
        folder with a model that was converted for CTranslate2 (model.bin, config.json, tokenizer.json).
    device
        "cpu", "cuda", or "auto".

    Example
    -------
    >>> WhisperTranscriber("small").name
    'faster-whisper small'
    """

    def __init__(self, model: str = DEFAULT_MODEL, device: str = "auto") -> None:
        self.model = model
        self.device = device

    @property
    def name(self) -> str:  # type: ignore[override]
        """With the model; of a folder its name."""
        return f"faster-whisper {Path(self.model).name if Path(self.model).is_dir() else self.model}"

    def __getstate__(self) -> dict[str, Any]:
        """Without the network: another process loads it again."""
        return {"model": self.model, "device": self.device}

    def load(self) -> None:
        """Load the model now, from its folder or the hub's cache, else from the hub.

        Raises
        ------
        ModelError
            If that cannot be done; the sentence says why.
        MtserError
            If faster-whisper is not installed.
        """
        _ = self._network

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        """Transcribe a recording.

        Raises
        ------
        ConfigError
            If the model does not know the language.
        """
        stretches = speech_segments(samples, longest=_LONGEST)
        if not stretches:
            return Transcript((), language or "en", self.name)
        network = self._network
        spoken = None if language is None else _NAMES.get(main_language(language), main_language(language))
        if spoken is not None and spoken not in (known := network.supported_languages):
            languages = "English only" if len(known) == 1 else f"only {', '.join(known)}"
            raise ConfigError(f"the model {self.model} of faster-whisper knows {languages}, not {language!r}.")
        found: list[Segment] = []
        for first in range(0, len(stretches), _AT_ONCE):
            some, spoken = self._hear(network, samples, stretches[first : first + _AT_ONCE], spoken)
            found += some
        return Transcript(tuple(found), language or main_language(spoken or "en"), self.name)

    def settings(self) -> dict[str, Any]:
        """A hash of the model, and how it is computed."""
        from importlib.metadata import version

        return {
            "class": "WhisperTranscriber",
            "version": 1,
            "faster_whisper": version("faster-whisper"),
            "sha256": self._hash,
            "computed": f"{self._network.model.device} {self._network.model.compute_type}",
        }

    def _hear(
        self, network: Any, samples: np.ndarray, stretches: Sequence[tuple[float, float]], language: str | None
    ) -> tuple[list[Segment], str]:
        """What was said in some stretches, and the language."""
        from faster_whisper import BatchedInferencePipeline

        first, last = int(stretches[0][0] * SAMPLE_RATE), int(np.ceil(stretches[-1][1] * SAMPLE_RATE))
        begin = first / SAMPLE_RATE
        heard, info = BatchedInferencePipeline(network).transcribe(
            np.ascontiguousarray(samples[first:last], dtype=np.float32),
            language=language,
            beam_size=5,
            temperature=0.0,
            vad_filter=False,
            without_timestamps=True,
            clip_timestamps=[{"start": start - begin, "end": end - begin} for start, end in stretches],
            batch_size=len(stretches) if network.model.device == "cuda" else 4,
        )
        found = []
        for one in heard:
            start, end = min(stretches, key=lambda stretch: abs(stretch[0] - begin - one.start))
            if (text := one.text.strip()) and not _is_made_up(one, end - start):
                found.append(Segment(start, end, text, float(np.exp(min(one.avg_logprob, 0.0)))))
        return found, str(info.language)

    @cached_property
    def _folder(self) -> Path:
        """Where the model lies on this machine, once it is there."""
        if (folder := Path(self.model).expanduser()).is_dir():
            return folder
        try:
            from faster_whisper.utils import download_model
        except ImportError as error:
            raise MtserError(
                "Speech is transcribed by faster-whisper, which is not installed: pip install mtser[speech]."
            ) from error
        try:
            return Path(download_model(self.model, local_files_only=True))
        except Exception:  # it is not there, whatever the hub's library calls that
            pass
        try:
            return Path(download_model(self.model))
        except Exception as error:
            reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
            raise ModelError(
                f"the model {self.model} of faster-whisper is neither a folder nor on the Hugging Face hub, as far as "
                f"that can be reached ({reason}); name a folder that holds one: faster-whisper:FOLDER."
            ) from error

    @cached_property
    def _network(self) -> Any:
        folder = self._folder
        try:
            from faster_whisper import WhisperModel
        except ImportError as error:
            raise MtserError(
                "Speech is transcribed by faster-whisper, which is not installed: pip install mtser[speech]."
            ) from error
        try:
            return WhisperModel(str(folder), device=self.device, compute_type="auto")
        except Exception as error:
            what = "no model of faster-whisper can be loaded (model.bin, config.json and tokenizer.json are expected"
            raise ModelError(f"{folder}: {what}: {error}).") from error

    @cached_property
    def _hash(self) -> str:
        digest = hashlib.sha256()
        for name in ("model.bin", "config.json", "tokenizer.json"):
            if (file := self._folder / name).is_file():
                with file.open("rb") as content:
                    while portion := content.read(1 << 22):
                        digest.update(portion)
        return digest.hexdigest()


def _is_made_up(heard: Any, duration: float) -> bool:
    """Whether a stretch of so many seconds hardly held what was heard."""
    loops = heard.compression_ratio > _MOST_COMPRESSION and len(heard.text.split()) > _MOST_WORDS_A_SECOND * duration
    silent = heard.no_speech_prob > _MOST_SILENCE and heard.avg_logprob < _LEAST_LOG_PROBABILITY / 2
    return bool(loops or silent or heard.avg_logprob < _LEAST_LOG_PROBABILITY)
