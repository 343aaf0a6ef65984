"""Which frames belong to which word."""

from collections.abc import Sequence

import numpy as np

from mtser.corpora.utterance import Utterance
from mtser.errors import FeatureError

_NANOSECONDS = 1e9  # a sample at 16 kHz is 62500 of them: frame times are whole numbers, no boundary is rounded
_FARTHEST = 1e6  # seconds


def times_of(utterances: Sequence[Utterance]) -> np.ndarray:
    """``[words of all, 2]``: start and end of each word, in seconds from the start of its utterance's audio."""
    return np.array([(word.start, word.end) for one in utterances for word in one.words]).reshape(-1, 2)


def word_frame_spans(
    words: np.ndarray,
    n_frames: int | np.ndarray,
    frame_length: float,
    frame_step: float,
    max_frames: int = 64,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the frames of each word, for an utterance or a whole corpus at once.

    A frame belongs to a word if its centre lies inside of [start, end). A word without such a frame gets the one
    whose centre is nearest to the word's own (the earlier of two): no word is ever without a frame. Of a word with
    too many frames the first ``max_frames`` are kept.

    Parameters
    ----------
    words
        ``[words, 2]``: start and end of each word, in seconds from the start of its audio.
    n_frames
        How many frames the word's utterance has, at least one: a number, or ``[words]``.
    frame_length, frame_step
        In seconds: frame j covers the time from ``j * frame_step`` to ``j * frame_step + frame_length``.
    max_frames
        The limit for a word.

    Returns
    -------
    tuple
        int64 ``[words, 2]``: the first frame of each word and the one behind its last; and int64 ``[words]``: how many
        frames of each word were cut.

    Raises
    ------
    FeatureError
        If a word's time is no number, an utterance has no frame or ``max_frames`` is below one.

    Example
    -------
    >>> words = np.array([[0.0, 0.05], [0.05, 0.055], [0.055, 0.2]])
    >>> spans, cut = word_frame_spans(words, 12, frame_length=0.025, frame_step=0.015, max_frames=8)
    >>> spans.tolist(), cut.tolist()
    ([[0, 3], [3, 4], [3, 11]], [0, 0, 1])
    """
    words = np.asarray(words, dtype=np.float64).reshape(-1, 2)
    n_frames = np.broadcast_to(np.asarray(n_frames, dtype=np.int64), len(words))
    if not np.isfinite(words).all():
        raise FeatureError("a word's start or end is no number; check the alignment.")
    if max_frames < 1 or (n_frames < 1).any():
        raise FeatureError(
            f"a word needs a frame: max_frames = {max_frames}, shortest utterance {n_frames.min()} frames."
        )
    start, end = np.rint(np.clip(words, -_FARTHEST, _FARTHEST) * _NANOSECONDS).astype(np.int64).T
    first_centre, step = round(frame_length / 2 * _NANOSECONDS), round(frame_step * _NANOSECONDS)
    first = np.clip(_ceil(start - first_centre, step), 0, n_frames)
    stop = np.clip(_ceil(end - first_centre, step), 0, n_frames)

    nearest = np.clip(_ceil(start + end - 2 * first_centre - step, 2 * step), 0, n_frames - 1)
    empty = stop <= first
    first = np.where(empty, nearest, first)
    stop = np.where(empty, nearest + 1, stop)
    kept = np.minimum(stop, first + max_frames)
    return np.stack([first, kept], axis=1), stop - kept


def _ceil(numerator: np.ndarray, denominator: int) -> np.ndarray:
    """The quotient of whole numbers, rounded up."""
    return -(-numerator // denominator)


def phone_frame_counts(
    word_spans: np.ndarray, starts: np.ndarray, n_phones: np.ndarray, frame_length: float, frame_step: float
) -> np.ndarray:
    """Share the frames of each word out to its phones.

    A frame belongs to the last phone that starts no later than the frame's centre, or to the first.

    Parameters
    ----------
    word_spans
        int64 ``[words, 2]``: the frames of each word, as :func:`word_frame_spans` gives them.
    starts
        ``[phones]``: when each phone starts, in seconds; within a word in order of time.
    n_phones
        int64 ``[words]``: how many phones each word has, at least one.
    frame_length, frame_step
        As for :func:`word_frame_spans`.

    Returns
    -------
    np.ndarray
        int64 ``[phones]``: how many frames each phone has; those of a word add up to its frames.

    Example
    -------
    >>> spans = np.array([[0, 3], [3, 4]])
    >>> phone_frame_counts(spans, np.array([0.0, 0.02, 0.05]), np.array([2, 1]), frame_length=0.025, frame_step=0.015)
    array([1, 2, 1])
    """
    first_centre, step = round(frame_length / 2 * _NANOSECONDS), round(frame_step * _NANOSECONDS)
    start = np.rint(np.clip(starts, -_FARTHEST, _FARTHEST) * _NANOSECONDS).astype(np.int64)
    first, stop = np.repeat(word_spans, n_phones, axis=0).T
    begin = np.clip(_ceil(start - first_centre, step), first, stop)
    first_phone = np.cumsum(n_phones) - n_phones
    begin[first_phone] = word_spans[:, 0]
    after = np.append(begin[1:], 0)
    after[first_phone + n_phones - 1] = word_spans[:, 1]
    return after - begin
