"""Utterances, features and batches made of random numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from mtser.alignment.word import Word
from mtser.corpora.utterance import Utterance
from mtser.encoders import Batch
from mtser.features import FrameExtractor, StoredFeatures, TorchMFCC, WordFrames
from mtser.features.extractor import Extractor
from mtser.features.input import Input
from mtser.ragged import Ragged
from mtser.sequence import Sequence

if TYPE_CHECKING:
    from mtser.features.text_extractor import TextExtractor

EMOTIONS = ("angry", "happy", "sad", "neutral")


def said(text: str, id: str = "u", speaker: str = "1F", emotion: str = "sad", **more: object) -> Utterance:
    """An utterance whose words, parted by blanks, last 0.2 seconds each."""
    words = tuple(Word(word, 0.2 * i, 0.2 * i + 0.2) for i, word in enumerate(text.split(" ")))
    return Utterance(id, f"{id}.wav", 0.2 * len(words), speaker, emotion, text, words, **more)  # type: ignore[arg-type]


def random_utterances(n: int, seed: int = 0, longest: int = 6, n_different_words: int = 20) -> list[Utterance]:
    """Utterances of 1 to ``longest`` words that last 20 to 500 ms, of all emotions in turn."""
    random, rated = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    made = []
    for number in range(n):
        bounds = np.cumsum(random.uniform(0.02, 0.5, 1 + random.integers(1, longest + 1)))
        names = [f"word{index}" for index in random.integers(n_different_words, size=len(bounds) - 1)]
        words = tuple(map(Word, names, bounds[:-1].tolist(), bounds[1:].tolist()))
        made.append(
            Utterance(
                id=f"u{number}",
                wav=f"u{number}.wav",
                duration=float(bounds[-1]),
                speaker=f"{number % 3}F",
                emotion=EMOTIONS[number % 4],
                text=" ".join(names),
                words=words,
                dialog=f"dialog{number % 2}",
                start=float(number),
                vad=tuple(rated.uniform(1, 5, 3).tolist()),
            )
        )
    return made


@dataclass
class SyntheticSource:
    """In the place of :class:`mtser.features.source.FeatureSource`: noise, drawn for each utterance from its id."""

    utterances: list[Utterance]
    asked: int = 0

    def features(self, extractor: Extractor) -> StoredFeatures:
        self.asked += 1
        n_rows = {}
        for one in self.utterances:
            n_rows[one.id] = 1
            if isinstance(extractor, FrameExtractor):
                n_rows[one.id] = max(1, int((one.duration - extractor.frame_length) / extractor.frame_step) + 1)
        return self._noise(n_rows, extractor)

    def texts(self, extractor: "TextExtractor", n_preceding: int = 0) -> StoredFeatures:
        self.asked += 1
        return self._noise({one.id: len(one.words) for one in self.utterances}, extractor)

    @staticmethod
    def _noise(n_rows: dict[str, int], extractor: "Extractor | TextExtractor") -> StoredFeatures:
        arrays = {}
        for id, n in n_rows.items():
            random = np.random.default_rng(list(id.encode()))
            arrays[id] = (5 + 3 * random.standard_normal((n, extractor.dimension))).astype(np.float32)
        return StoredFeatures(arrays, {}, {}, extractor)


def word_frames(normalise: str = "none") -> WordFrames:
    """39-dimensional frames of words, as an input."""
    return WordFrames(TorchMFCC(), normalise=normalise)  # type: ignore[arg-type]


def random_rows(lengths: list[int], size: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Ragged:
    """Rows of normally distributed vectors."""
    random = torch.Generator().manual_seed(seed)
    return Ragged(torch.randn(sum(lengths), size, generator=random, dtype=dtype), np.array(lengths, dtype=np.int64))


def random_words(n_words: list[int], size: int, seed: int = 0, on_padding: float = 0.0) -> Sequence:
    """A float64 sequence of words, with a chosen value on padding."""
    words = random_rows(n_words, size, seed).pad()
    sequence = Sequence(words, torch.tensor(n_words), "word")
    return sequence.with_features(words.masked_fill(~sequence.mask.unsqueeze(-1), on_padding))


def some_rows(batch: Batch, rows: list[int]) -> Batch:
    """The batch of some of a batch's utterances, in the given order; of a dialog their turns come along."""
    turns = None
    if batch.turns is not None:
        chosen = batch.turns.select(np.array(rows))
        rows, position = np.unique(chosen.values.numpy(), return_inverse=True)  # type: ignore[assignment]
        turns = Ragged(torch.from_numpy(position), chosen.lengths)
    first = np.cumsum(batch.n_words) - batch.n_words
    words = np.concatenate([np.arange(first[row], first[row] + batch.n_words[row]) for row in rows])
    data: dict[Input, Ragged] = {
        input: table.select(words if input.unit == "word" else np.array(rows)) for input, table in batch.data.items()
    }
    return Batch(batch.n_words[rows], data, turns)
