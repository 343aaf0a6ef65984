"""What a model makes of a recording: probabilities, and how much each word counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mtser.alignment.word import Word


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """A word, and how much it counted.

    Parameters
    ----------
    word
        With its times, in seconds from the start of the recording.
    attention
        Modality → the share of the model's own attention that the word got, over all words 1. It tells where the model
        looked, not which way the word pulled. Empty for models without attention over words.
    occlusion
        Modality → by how much the probability of the recognised emotion falls when the word is taken out of that
        modality (negative: it rises; the word spoke against the emotion).
    """

    word: Word
    attention: Mapping[str, float] = field(default_factory=dict)
    occlusion: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognition:
    """What a model makes of one recording, or of a stretch of it.

    Parameters
    ----------
    name
        Of the recording: its path, or what the caller named it.
    start, end
        The stretch, in seconds from the start of the recording.
    probabilities
        Emotion → probability, in the model's fixed order; they sum to 1.
    words
        In order of time; none if nothing was said (the model then has nothing to judge by, and ``warnings`` says so).
    text
        What was said, as given or as transcribed.
    transcribed_by, aligned_by
        What found the words and their times; None if the caller gave them.
    between_words
        Name of an attention map → ``[words, words]``, rows sum to 1: how much of each column's word went into each
        row's. In "text to audio" rows are words as text, columns words as sound. Empty for models without such
        attention.
    warnings
        Sentences that qualify the answer, for example that the recording is longer than what the model learned from.
    """

    name: str
    start: float
    end: float
    probabilities: Mapping[str, float]
    words: tuple[WordEvidence, ...] = ()
    text: str = ""
    transcribed_by: str | None = None
    aligned_by: str | None = None
    between_words: Mapping[str, np.ndarray] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def emotion(self) -> str:
        """The most probable emotion; the first of equals."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def probability(self) -> float:
        """Of :attr:`emotion`."""
        return self.probabilities[self.emotion]

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON types; without words the emotion is None.

        Example
        -------
        >>> heard = (WordEvidence(Word("oh", 0.2, 0.6)),)
        >>> Recognition("a.wav", 0.0, 1.0, {"sad": 0.7, "happy": 0.3}, heard).to_dict()["emotion"]
        'sad'
        """
        return {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "emotion": self.emotion if self.words else None,  # without words all are equally probable
            "probabilities": dict(self.probabilities),
            "text": self.text,
            "transcribed_by": self.transcribed_by,
            "aligned_by": self.aligned_by,
            "words": [
                {**one.word.to_dict(), "attention": dict(one.attention), "occlusion": dict(one.occlusion)}
                for one in self.words
            ],
            "between_words": {name: matrix.tolist() for name, matrix in self.between_words.items()},
            "warnings": list(self.warnings),
        }
