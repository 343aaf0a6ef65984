"""What is to be recognised, and what could not be."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType

import numpy as np

from mtser.alignment.word import Word
from mtser.checks import check_language
from mtser.errors import ConfigError

_TYPES: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("audio", (str, Path, bytes, np.ndarray), "the path of a file, its bytes, or a NumPy array of samples"),
    ("text", (str, NoneType), "a text, or None"),
    ("words", (Sequence, NoneType), "a sequence of words, or None"),
    ("rate", (int, np.integer, NoneType), "a whole number of hertz, or None"),
)


@dataclass(frozen=True)
class Recording:
    """One recording, or a stretch of it.

    Parameters
    ----------
    audio
        A file, the bytes of one, or samples: ``[samples]`` or ``[samples, channels]``, floats with full scale at ±1 or
        whole numbers.
    text
        What is said in the stretch; None to have it transcribed.
    words
        What is said when, in seconds from the start of the recording, in order of time; None to have words found.
    name
        Of the recording; default: its path.
    start, end
        The stretch in seconds; default: all of it.
    rate
        Of samples, in hertz; a file tells its own.
    language
        Of the speech, an ISO 639-1 code; None for that of the corpus that the model learned from.

    Raises
    ------
    ConfigError
        If something is of another type, or the language has no such code.
    """

    audio: str | Path | bytes | np.ndarray
    text: str | None = None
    words: Sequence[Word] | None = None
    name: str | None = None
    start: float | None = None
    end: float | None = None
    rate: int | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        for name, kinds, said in _TYPES:
            value = getattr(self, name)
            if not isinstance(value, kinds):
                raise ConfigError(f"{name} of a recording is of type {type(value).__name__}; it has to be {said}.")
        if any(not isinstance(one, Word) for one in self.words or ()):
            raise ConfigError("words of a recording have to be mtser.alignment.Word(word, start, end).")
        if self.language is not None:
            object.__setattr__(self, "language", check_language(self.language))

    @property
    def title(self) -> str:
        """How messages call it."""
        if self.name is not None:
            return self.name
        return str(self.audio) if isinstance(self.audio, str | Path) else "recording"


@dataclass(frozen=True, slots=True)
class FailedRecording:
    """A recording that could not be recognised; the others were.

    Parameters
    ----------
    name
        Of the recording.
    reason
        A short phrase that is the same for every recording with the same trouble, so that it can be counted.
    detail
        The sentence that tells what was found.
    """

    name: str
    reason: str
    detail: str
