"""Transcription of English by pocketsphinx, whose models are inside its package: weak, but it needs no download."""

import threading
from typing import Any, ClassVar

import numpy as np

from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import ConfigError, MtserError
from mtser.languages import main_language
from mtser.transcription.pauses import speech_segments
from mtser.transcription.transcriber import Segment, Transcriber, Transcript


class SphinxTranscriber(Transcriber):
    """Hidden Markov models and a trigram language model of American English of the 2000s.

    Example
    -------
    >>> SphinxTranscriber().transcribe(np.zeros(16000, np.float32)).segments
    ()
    """

    name = "pocketsphinx en-us"
    in_processes: ClassVar[bool] = True

    def __init__(self) -> None:
        self._decoder: Any = None
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: another process has a decoder of its own."""
        return {}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        """Transcribe what is said between pauses, one stretch after the other.

        Raises
        ------
        ConfigError
            If the language is not English.
        MtserError
            If pocketsphinx is not installed.
        """
        if language is not None and main_language(language) != "en":
            raise ConfigError(f"pocketsphinx understands English only, not {language!r}; choose faster-whisper.")
        found = []
        for start, end in speech_segments(samples):
            text, confidence = self._decode(samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)])
            if text:
                found.append(Segment(start, end, text, confidence))
        return Transcript(tuple(found), "en", self.name)

    def settings(self) -> dict[str, Any]:
        """The version of pocketsphinx."""
        from importlib.metadata import version

        return {"class": "SphinxTranscriber", "version": 1, "pocketsphinx": version("pocketsphinx")}

    def _decode(self, samples: np.ndarray) -> tuple[str, float]:
        """The words of a stretch and their probability, its geometric mean over the words."""
        peak = float(np.abs(samples).max(initial=0.0)) or 1.0
        with self._lock:
            decoder = self._started()
            decoder.reinit_feat()  # else the estimate of the noise comes from the stretch before
            decoder.start_utt()
            decoder.process_raw((samples * (0.9 * 32767 / peak)).astype("<i2").tobytes(), full_utt=True)
            decoder.end_utt()
            found = decoder.hyp()
            if found is None or not found.hypstr.strip():
                return "", 0.0
            text = found.hypstr.strip()
            log_probability = (
                decoder.logmath.log(found.prob) * np.log(decoder.config["logbase"]) if found.prob > 0 else -np.inf
            )
            return text, float(min(np.exp(log_probability / len(text.split())), 1.0))

    def _started(self) -> Any:
        if self._decoder is None:
            try:
                from pocketsphinx import Decoder
            except ImportError as error:
                raise MtserError(
                    "Speech is transcribed by pocketsphinx, which is not installed: pip install mtser[speech]."
                ) from error
            self._decoder = Decoder(loglevel="FATAL", cmn="batch")
        return self._decoder
