"""Transcribers that hold Python's lock, at work in processes of their own."""

from typing import Any

import numpy as np

from mtser.apart import Apart, Processes
from mtser.transcription.transcriber import Transcriber, Transcript


class TranscriberApart(Transcriber):
    """A transcriber that several threads use at once, though it holds Python's lock.

    Parameters
    ----------
    transcriber
        What hears; it can be pickled.
    processes
        Where it does.

    Example
    -------
    >>> from mtser.transcription.sphinx import SphinxTranscriber
    >>> TranscriberApart(SphinxTranscriber(), Processes(2)).transcribe(np.zeros(16000, np.float32)).segments
    ()
    """

    def __init__(self, transcriber: Transcriber, processes: Processes) -> None:
        self.name = transcriber.name
        self._transcriber = transcriber
        self._apart = Apart(transcriber, processes)

    def settings(self) -> dict[str, Any]:
        """Those of the transcriber: where it works changes nothing."""
        return self._transcriber.settings()

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        """As the transcriber does."""
        return self._apart.call("transcribe", samples, language)
