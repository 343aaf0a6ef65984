"""What the tests of corpora without word times share."""

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.corpora import Corpus
from mtser.transcription.transcriber import Segment, Transcriber, Transcript


class Late(Aligner):
    """Puts all words into the second half of the audio; does not know the word "mumble"."""

    name = "late"

    def align(self, samples: np.ndarray, words: list[str], language: str = "en") -> tuple[Word, ...]:  # type: ignore[override]
        if "mumble" in words:
            raise UnusableAlignmentError("no pronunciation", "mumble")
        half = len(samples) / 16_000 / 2
        return tuple(Word(one.word, one.start + half, one.end + half) for one in share_evenly(words, half))

    def settings(self) -> dict[str, object]:
        return {"class": "Late", "version": 1}


class Parrot(Transcriber):
    """Hears "hello there" in everything that lasts longer than half a second."""

    name = "parrot"
    n_calls = 0

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        type(self).n_calls += 1
        heard = (Segment(0.0, 0.5, "hello there"),) if len(samples) > 8000 else ()
        return Transcript(heard, language or "en", self.name)

    def settings(self) -> dict[str, object]:
        return {"class": "Parrot", "version": 1}


LATE = f"{__name__}.Late"
PARROT = f"{__name__}.Parrot"


def reasons(corpus: Corpus) -> dict[str, str]:
    """Id → why it was left out."""
    return {one.utterance: one.reason for one in corpus.skipped}


def classes_of(corpus: Corpus) -> dict[str, str]:
    """Id → class."""
    return {one.id: one.emotion for one in corpus.utterances}
