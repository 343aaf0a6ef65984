"""A recogniser that needs no model: what is louder is angrier."""

from collections.abc import Iterable, Iterator

import numpy as np

from mtser.alignment import Word
from mtser.alignment.word_times import share_evenly
from mtser.errors import MtserError
from mtser.inference import FailedRecording, Recognition, Recording, WordEvidence
from mtser.inference.preparing import failure
from mtser.inference.sound import samples_of

CLASSES = ("angry", "happy", "sad", "neutral")
SAID = ("oh", "no", "not", "again")


class FakeRecognizer:
    """Answers as :class:`~mtser.inference.EmotionRecognizer` does; ``given`` remembers what it was asked."""

    classes = CLASSES

    def __init__(self) -> None:
        self.given: list[Recording] = []

    def recognize_many(
        self,
        recordings: Iterable[Recording],
        *,
        explain: bool = True,
        n_jobs: int | None = None,
        progress: bool = False,
    ) -> Iterator[Recognition | FailedRecording]:
        for one in recordings:
            self.given.append(one)
            try:
                yield self._recognize(one, explain)
            except MtserError as error:
                yield failure(one, error)

    def _recognize(self, one: Recording, explain: bool) -> Recognition:
        samples = samples_of(one)
        seconds = len(samples) / 16000
        text = (
            one.text if one.text is not None else " ".join(SAID if one.words is None else [w.word for w in one.words])
        )
        words: Iterable[Word] = share_evenly(text.split(), seconds) if one.words is None else one.words
        loud = float(np.clip(np.abs(samples).max(), 0.0, 1.0))
        rest = (1 - loud) / 4
        evidence = tuple(
            WordEvidence(word, {"text": 0.25}, {"audio": 0.01 * len(word.word), "text": -0.03})
            if explain
            else WordEvidence(word)
            for word in words
        )
        n = len(evidence)
        return Recognition(
            one.title,
            0.0,
            seconds,
            {"angry": loud + rest, "happy": rest, "sad": rest, "neutral": rest},
            evidence,
            text,
            None if one.text is not None else "fake words",
            None if one.words is not None else "fake times",
            {"text to text": np.full((n, n), 1 / max(n, 1))} if explain else {},
        )


def loud_parts(samples: np.ndarray) -> list[tuple[float, float]]:
    """Stretches of tenths of a second that are not silent."""
    tenths = samples[: len(samples) // 1600 * 1600].reshape(-1, 1600)
    found: list[tuple[float, float]] = []
    for i in np.flatnonzero(np.abs(tenths).max(axis=1) > 0.02):
        if found and round(found[-1][1] * 10) == i:
            found[-1] = (found[-1][0], (i + 1) / 10)
        else:
            found.append((i / 10, (i + 1) / 10))
    return found
