"""What was said: one utterance of a corpus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mtser.alignment.word import Word

PARTITIONS = ("train", "dev", "test")
"""The values of ``Utterance.partition``."""

ATTRIBUTES = ("valence", "activation", "dominance")
"""The order of ``Utterance.vad``."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One labelled utterance.

    Parameters
    ----------
    id
        Unique in its corpus.
    wav
        The audio file, relative to the corpus root, with forward slashes.
    duration
        Of the audio, in seconds.
    speaker
        Unique in its corpus.
    emotion
        One of the corpus's classes.
    text
        The transcript as the corpus gives it.
    words
        The words of the alignment, in order of time; never empty.
    session, dialog, style
        Where the corpus has them, else None. ``style`` is "improvised" or "scripted".
    start
        When it begins in its dialog, in seconds, where the corpus knows; else None.
    partition
        "train", "dev" or "test" where the corpus's makers divided it, else None.
    votes
        The annotators' votes: share of each class (sums to 1), where the corpus has them. Votes for emotions
        outside the corpus's classes are left out before the shares are taken; None if none is left.
    vad
        Valence, activation and dominance as the corpus scales them (IEMOCAP: 1 to 5), each None where missing.
    language
        Of the words: an ISO 639-1 code. Pronunciations depend on it.
    corpus
        The corpus that it is from, where several are joined (``Corpus.members``), else None.

    Example
    -------
    >>> words = (Word("oh", 0.1, 0.3), Word("no", 0.3, 0.8))
    >>> utterance = Utterance("u1", "wav/u1.wav", 1.0, "1F", "sad", "Oh no.", words, session="1")
    >>> Utterance.from_dict("u1", utterance.to_dict()) == utterance
    True
    """

    id: str
    wav: str
    duration: float
    speaker: str
    emotion: str
    text: str
    words: tuple[Word, ...]
    session: str | None = None
    dialog: str | None = None
    style: str | None = None
    start: float | None = None
    votes: Mapping[str, float] | None = None
    vad: tuple[float | None, float | None, float | None] | None = None
    language: str = "en"
    partition: str | None = None
    corpus: str | None = None

    def to_dict(self, *, words: bool = True) -> dict[str, Any]:
        """The utterance as JSON types, without its id (the key of its manifest entry), and without words if asked."""
        return {
            **({} if self.corpus is None else {"corpus": self.corpus}),
            "wav": self.wav,
            "duration": self.duration,
            "speaker": self.speaker,
            **({} if self.partition is None else {"partition": self.partition}),
            "session": self.session,
            "dialog": self.dialog,
            "style": self.style,
            "start": self.start,
            "emotion": self.emotion,
            "votes": dict(sorted(self.votes.items())) if self.votes is not None else None,
            "vad": list(self.vad) if self.vad is not None else None,
            "language": self.language,
            "text": self.text,
            **({"words": [word.to_dict() for word in self.words]} if words else {}),
        }

    @classmethod
    def from_dict(cls, id: str, entry: Mapping[str, Any]) -> "Utterance":
        """The inverse of :meth:`to_dict`."""
        values = dict(entry)
        values["words"] = tuple(Word.from_dict(word) for word in values["words"])
        if values.get("vad") is not None:
            values["vad"] = tuple(values["vad"])
        return cls(id=id, **values)
