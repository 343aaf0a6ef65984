"""Transcription by Whisper (Radford et al. 2023), as faster-whisper runs it."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import ConfigError, ModelError, MtserError
from mtser.transcription.pauses import speech_segments
from mtser.transcription.transcriber import Segment, Transcriber, Transcript

DEFAULT_MODEL = "small"

_WINDOW = 28.0  # seconds: Whisper hears 30 at once
_GAP = 0.3  # seconds of silence between stretches in a window
# What was not said: Whisper's own thresholds (section 4.5). Compression alone would reject a sentence that was really said
# several times; a loop of the decoder also has more words a second than anyone speaks.
_LEAST_LOG_PROBABILITY = -1.0
_MOST_COMPRESSION, _MOST_WORDS_A_SECOND = 2.4, 6.0
_MOST_SILENCE = 0.6


class WhisperTranscriber(Transcriber):
    """Whisper on the stretches of speech alone, so that it makes up nothing where nobody speaks.

    Stretches are packed into windows of 28 seconds; a word belongs to the stretch in which its time lies. Decoding is by
    beam search without sampling, so that it gives the same text each time; what it repeats endlessly, or doubts, is left
    out. A segment's confidence is the mean probability of its words.

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
        stretches = speech_segments(samples, longest=_WINDOW)
        if not stretches:
            return Transcript((), language or "en", self.name)
        network = self._network
        known = network.supported_languages
        if language is not None and language not in known:
            raise ConfigError(
                f"the model {self.model} does not know the language {language!r}, but {', '.join(known)}."
            )
        found: list[Segment] = []
        for window in _windows(stretches):
            heard, language = self._hear(network, _joined(samples, window), language)
            found += _by_stretch(heard, window)
        return Transcript(tuple(found), language or "en", self.name)

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

    def _hear(self, network: Any, samples: np.ndarray, language: str | None) -> tuple[list[Any], str]:
        """The words of a window that are to be believed, and the language."""
        segments, info = network.transcribe(
            samples,
            language=language,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            no_speech_threshold=_MOST_SILENCE,
        )
        words = []
        for segment in segments:
            doubted = segment.avg_logprob < _LEAST_LOG_PROBABILITY
            rate = len(segment.words or ()) / max(segment.end - segment.start, 0.1)
            repeats = segment.compression_ratio > _MOST_COMPRESSION and rate > _MOST_WORDS_A_SECOND
            silent = segment.no_speech_prob > _MOST_SILENCE and segment.avg_logprob < _LEAST_LOG_PROBABILITY / 2
            if not (doubted or repeats or silent):
                words += segment.words or []
        return words, str(info.language)

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
                f"the model {self.model} of faster-whisper is neither a folder nor on the Hugging Face hub as far as that "
                f"can be reached ({reason}); name a folder that holds one: faster-whisper:FOLDER."
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


def _windows(stretches: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """As many stretches, one after the other, as fit into what Whisper hears at once."""
    window: list[tuple[float, float]] = []
    length = 0.0
    for start, end in stretches:
        if window and length + _GAP + end - start > _WINDOW:
            yield window
            window, length = [], 0.0
        length += end - start + (_GAP if window else 0.0)
        window.append((start, end))
    if window:
        yield window


def _joined(samples: np.ndarray, window: Sequence[tuple[float, float]]) -> np.ndarray:
    gap = np.zeros(int(_GAP * SAMPLE_RATE), np.float32)
    parts: list[np.ndarray] = []
    for start, end in window:
        parts += [*([gap] if parts else []), samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]]
    return np.concatenate(parts).astype(np.float32)


def _by_stretch(words: Sequence[Any], window: Sequence[tuple[float, float]]) -> list[Segment]:
    """Each word in the stretch where its middle lies, in the order in which they were said."""
    ends, total = [], 0.0
    for start, end in window:
        total += end - start + _GAP
        ends.append(total - _GAP / 2)
    found: list[list[Any]] = [[] for _ in window]
    index = 0
    for word in words:
        while index < len(window) - 1 and (word.start + word.end) / 2 > ends[index]:
            index += 1
        found[index].append(word)
    segments = []
    for (start, end), some in zip(window, found, strict=True):
        if text := "".join(word.word for word in some).strip():
            segments.append(Segment(start, end, text, float(np.mean([word.probability for word in some]))))
    return segments
