"""Utterances with the lengths of IEMOCAP's, for benchmarks: no corpus is needed, and nothing is learned from them."""

from collections.abc import Sequence

import numpy as np

from mtser.alignment.word import Word
from mtser.corpora.utterance import Utterance
from mtser.features import FrameExtractor, StoredFeatures
from mtser.features.extractor import Extractor
from mtser.features.text_extractor import TextExtractor

CLASSES = ("angry", "happy", "sad", "neutral")
FRAME_STEP = 0.015
PAUSES = 1.4  # seconds of an utterance that are no word
TURNS = 40  # of a dialog
VOCABULARY = 3000
N_DRAWN = 20_000  # rows of random features


def words_and_frames(n_utterances: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Words of each utterance and frames of each word: about 12 and 17 in the mean, tails to 128 and 64.

    Returns
    -------
    tuple
        int64 ``[utterances]`` and int64 ``[words]``.
    """
    random = np.random.default_rng(seed)
    n_words = np.clip(random.gamma(1.3, 9.2, n_utterances).round(), 1, 128).astype(np.int64)
    n_frames = np.clip(random.gamma(2.2, 7.7, int(n_words.sum())).round(), 1, 64).astype(np.int64)
    return n_words, n_frames


def utterances(n_words: np.ndarray, n_frames: np.ndarray, seed: int = 0) -> list[Utterance]:
    """Utterances with these numbers of words and frames; words are drawn as Zipf's law has it."""
    random = np.random.default_rng(seed)
    spelled = np.minimum(random.zipf(1.3, len(n_frames)), VOCABULARY)
    made, first = [], 0
    for number, n in enumerate(n_words.tolist()):
        ends = PAUSES / 2 + FRAME_STEP * np.cumsum(n_frames[first : first + n])
        starts = ends - FRAME_STEP * n_frames[first : first + n]
        names = [f"w{index}" for index in spelled[first : first + n]]
        made.append(
            Utterance(
                id=f"u{number:05d}",
                wav=f"u{number:05d}.wav",
                duration=float(ends[-1]) + PAUSES / 2,
                speaker=str(number % 10),
                emotion=CLASSES[number % len(CLASSES)],
                text=" ".join(names),
                words=tuple(map(Word, names, starts.tolist(), ends.tolist())),
                dialog=str(number // TURNS),
                start=float(number),
                vad=tuple(random.uniform(1, 5, 3).tolist()),
            )
        )
        first += n
    return made


class NoiseSource:
    """Random features in the place of :class:`mtser.features.source.FeatureSource`."""

    def __init__(self, utterances: Sequence[Utterance], seed: int = 0) -> None:
        self._utterances = utterances
        self._random = np.random.default_rng(seed)

    def features(self, extractor: Extractor) -> StoredFeatures:
        """Frames of every utterance, or one vector each, as the extractor would have them."""
        n_rows = np.ones(len(self._utterances), dtype=np.int64)
        if isinstance(extractor, FrameExtractor):
            durations = np.array([one.duration for one in self._utterances])
            n_rows = np.maximum(1, 1 + (durations - extractor.frame_length) // extractor.frame_step).astype(np.int64)
        return self._noise(n_rows, extractor)

    def texts(self, extractor: TextExtractor, n_preceding: int = 0) -> StoredFeatures:
        """A vector a word."""
        return self._noise(np.array([len(one.words) for one in self._utterances]), extractor)

    def _noise(self, n_rows: np.ndarray, extractor: Extractor | TextExtractor) -> StoredFeatures:
        """Pieces of one block, which may overlap: all frames of all layers of an encoder would fill the memory."""
        n_drawn = max(N_DRAWN, int(n_rows.max()))
        block = self._random.standard_normal((n_drawn, extractor.dimension), dtype=np.float32)
        block = block.astype(extractor.stored_as)
        starts = self._random.integers(0, n_drawn - n_rows + 1)
        parts = [block[start : start + n] for start, n in zip(starts.tolist(), n_rows.tolist(), strict=True)]
        return StoredFeatures(
            {one.id: part for one, part in zip(self._utterances, parts, strict=True)}, {}, {}, extractor
        )
