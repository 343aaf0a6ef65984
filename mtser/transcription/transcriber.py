"""What turns speech into text."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np


@dataclass(frozen=True, slots=True)
class Segment:
    """What was said between two pauses.

    Parameters
    ----------
    start, end
        In seconds from the start of the recording.
    text
        As the recogniser writes it, stripped; never empty.
    confidence
        The recogniser's own estimate, from 0 to 1, or None if it has none.
    """

    start: float
    end: float
    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a recording.

    Parameters
    ----------
    segments
        In order of time; none if nobody spoke.
    language
        An ISO 639-1 code: the one that was asked for, or the one that was recognised.
    recogniser
        The transcriber's name.

    Example
    -------
    >>> Transcript((Segment(0.2, 0.9, "Oh no."), Segment(1.4, 2.0, "Not again.")), "en", "a person").text
    'Oh no. Not again.'
    """

    segments: tuple[Segment, ...]
    language: str
    recogniser: str

    @property
    def text(self) -> str:
        """All segments in one line."""
        return " ".join(segment.text for segment in self.segments)


class Transcriber(ABC):
    """Speech → text.

    Example
    -------
    >>> class Parrot(Transcriber):
    ...     name = "parrot"
    ...
    ...     def transcribe(self, samples, language=None):
    ...         return Transcript((Segment(0.0, len(samples) / 16000, "Hello."),), language or "en", self.name)
    ...
    ...     def settings(self):
    ...         return {"class": "Parrot", "version": 1}
    >>> Parrot().transcribe(np.zeros(16000, np.float32)).text
    'Hello.'
    """

    name: str
    """For reports: the program, and its model."""

    in_processes: ClassVar[bool] = False
    """Whether many recordings are transcribed in processes: set it if :meth:`transcribe` holds Python's lock."""

    @abstractmethod
    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        """Transcribe a recording.

        Parameters
        ----------
        samples
            float32 ``[samples]``, 16 kHz, mono.
        language
            Of the speech, an ISO 639-1 code; None to let the transcriber find out.
        """

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Everything that determines the text, as JSON types: equal settings promise equal transcripts."""
