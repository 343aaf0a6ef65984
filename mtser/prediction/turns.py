"""Long recordings → turns, cut in the pauses."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mtser.alignment.word import Word
from mtser.audio import SAMPLE_RATE

SHORT_PAUSE = 0.5
"""Seconds: a shorter silence does not end a turn."""
_MARGIN = 0.2  # seconds of a pause that belong to the turn beside it
_ENDLESS = 60.0  # seconds of sound without a pause that are looked at as one
_TAIL = 1.0  # seconds at the end of what has been read, where speech may go on
_DIP = 0.05  # seconds over which loudness is measured where there is no pause

Span = tuple[float, float]
FindSpeech = Callable[[np.ndarray], Sequence[Span]]


@dataclass(frozen=True)
class Turn:
    """A stretch of speech.

    Parameters
    ----------
    start
        In seconds from the start of the recording.
    samples
        float32 ``[samples]`` at 16 kHz.
    words
        Where they are known, with times from the start of the recording.
    """

    start: float
    samples: np.ndarray
    words: tuple[Word, ...] | None = None

    @property
    def end(self) -> float:
        """In seconds from the start of the recording."""
        return self.start + len(self.samples) / SAMPLE_RATE


def cut_at_pauses(pieces: Iterable[np.ndarray], find_speech: FindSpeech, longest: float) -> Iterator[Turn]:
    """Cut a stream into turns.

    Speech with silences of less than :data:`SHORT_PAUSE` is one turn, as long as it does not exceed ``longest``. Speech
    without any pause stays one turn up to a minute, however short ``longest`` is: only its words, once they are known,
    say where it can be cut (:func:`cut_between_words`). After a minute it is cut where it is least loud.

    Parameters
    ----------
    pieces
        float32 ``[samples]`` at 16 kHz, one after the other.
    find_speech
        Samples → ``(start, end)`` of each stretch of speech, in seconds, in order.
    longest
        Of a turn, in seconds.

    Example
    -------
    >>> def find_speech(samples):
    ...     edges = np.flatnonzero(np.diff(samples, prepend=0, append=0)) / 16000
    ...     return list(zip(edges[::2], edges[1::2]))
    >>> sound = np.repeat(np.array([1, 0, 1], np.float32), 16000)
    >>> [(turn.start, turn.end) for turn in cut_at_pauses([sound], find_speech, 20.0)]
    [(0.0, 1.2), (1.8, 3.0)]
    """
    held, offset = np.zeros(0, np.float32), 0  # offset: samples before what is held
    for piece in pieces:
        held = np.concatenate([held, piece])
        done = yield from _finished(held, offset, find_speech, longest, more=True)
        held, offset = held[done:], offset + done
    yield from _finished(held, offset, find_speech, longest, more=False)


def _finished(
    held: np.ndarray, offset: int, find_speech: FindSpeech, longest: float, *, more: bool
) -> Generator[Turn, None, int]:
    """Yield the turns that more sound cannot change; return how many samples are done with."""
    seconds = len(held) / SAMPLE_RATE
    turns = list(_bounded(_joined(find_speech(held), longest), held)) if len(held) else []
    open_end = seconds - _TAIL
    done = max(0.0, open_end) if more else seconds
    for i, (start, end) in enumerate(turns):
        start = max(start - _MARGIN, (start + turns[i - 1][1]) / 2 if i else 0.0)
        if more and end > open_end:  # it may go on
            done = start
            break
        stop = min(end + _MARGIN, (end + turns[i + 1][0]) / 2 if i + 1 < len(turns) else seconds)
        first = int(start * SAMPLE_RATE)
        yield Turn((offset + first) / SAMPLE_RATE, held[first : int(stop * SAMPLE_RATE)].copy())
    return int(done * SAMPLE_RATE)


def _joined(spans: Sequence[Span], longest: float) -> list[Span]:
    """Speech around short silences is one turn, if it does not get too long."""
    turns: list[Span] = []
    for start, end in spans:
        if turns and start - turns[-1][1] < SHORT_PAUSE and end - turns[-1][0] <= longest:
            turns[-1] = (turns[-1][0], end)
        else:
            turns.append((start, end))
    return turns


def _bounded(turns: Sequence[Span], held: np.ndarray) -> Iterator[Span]:
    """Cut what has no pause for more than a minute."""
    for start, end in turns:
        while end - start > _ENDLESS:
            first = int(start * SAMPLE_RATE)
            cut = start + _quietest(held[first : first + int(_ENDLESS * SAMPLE_RATE)])
            yield start, cut
            start = cut
        yield start, end


def _quietest(samples: np.ndarray) -> float:
    """Seconds to where the second half of ``samples`` is least loud."""
    width = int(_DIP * SAMPLE_RATE)
    n = len(samples) // width
    power = np.square(samples[: n * width].reshape(n, width), dtype=np.float64).mean(axis=1)
    return (n // 2 + int(power[n // 2 :].argmin()) + 0.5) * _DIP


def cut_between_words(words: Sequence[Word], longest: float) -> list[tuple[Word, ...]]:
    """Cut a series of words into turns: at every pause, and where a turn is still too long, in its widest gap.

    Parameters
    ----------
    words
        In order of time.
    longest
        Of a turn, in seconds; only a single word may exceed it.

    Example
    -------
    >>> words = [Word("oh", 0.0, 0.2), Word("no", 0.3, 0.6), Word("not", 1.4, 1.6), Word("again", 1.65, 2.0)]
    >>> [[word.word for word in turn] for turn in cut_between_words(words, 20.0)]
    [['oh', 'no'], ['not', 'again']]
    """
    if not words:
        return []
    groups = [[words[0]]]
    for one in words[1:]:
        if one.start - groups[-1][-1].end >= SHORT_PAUSE:
            groups.append([one])
        else:
            groups[-1].append(one)
    return [tuple(part) for group in groups for part in _halved(group, longest)]


def _halved(words: list[Word], longest: float) -> list[list[Word]]:
    if len(words) == 1 or words[-1].end - words[0].start <= longest:
        return [words]
    middle = (words[0].start + words[-1].end) / 2
    # The widest gap; of equal ones (aligners often leave none) the one nearest to the middle.
    at = max(
        range(1, len(words)),
        key=lambda i: (round(words[i].start - words[i - 1].end, 3), -abs(words[i].start - middle)),
    )
    return _halved(words[:at], longest) + _halved(words[at:], longest)
