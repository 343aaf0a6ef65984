"""Utterances with the lengths of IEMOCAP's, for benchmarks: no corpus is needed, and nothing is learned from them."""

import numpy as np

from mtser.corpora.utterance import Utterance, Word

CLASSES = ("angry", "happy", "sad", "neutral")
FRAME_STEP = 0.015
VOCABULARY = 3000


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


def utterances(n_words: np.ndarray, seed: int = 0) -> list[Utterance]:
    """Utterances with these numbers of words; words are drawn as Zipf's law has it."""
    random = np.random.default_rng(seed)
    spelled = iter(np.minimum(random.zipf(1.3, int(n_words.sum())), VOCABULARY))
    return [
        Utterance(
            id=f"u{number:05d}",
            wav=f"u{number:05d}.wav",
            duration=0.25 * n,
            speaker=str(number % 10),
            emotion=CLASSES[number % len(CLASSES)],
            text="",
            words=tuple(Word(f"w{next(spelled)}", 0.25 * i, 0.25 * (i + 1)) for i in range(n)),
        )
        for number, n in enumerate(n_words.tolist())
    ]
