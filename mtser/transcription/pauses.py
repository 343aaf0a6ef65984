"""Where somebody speaks in a recording, and where it may be cut."""

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import MtserError

_SPEECH, _NO_SPEECH = 0.5, 0.35  # Silero's own thresholds, to begin and to end a stretch
_PORTION = 300.0  # seconds that are looked at together: an hour needs no more memory than five minutes
_OVERLAP = 2.0  # seconds before each portion, for the network to find into it


def speech_segments(
    samples: np.ndarray,
    *,
    least_pause: float = 0.5,
    longest: float = 30.0,
    least_speech: float = 0.1,
    margin: float = 0.2,
) -> list[tuple[float, float]]:
    """Find the stretches of speech in a recording of any length.

    Voice activity is told by Silero VAD, a small network inside of the package faster-whisper, which works in noise and
    music; without that package by pocketsphinx's (WebRTC's), which takes any loud sound for speech.

    Parameters
    ----------
    samples
        float32 ``[samples]``, 16 kHz, mono.
    least_pause
        In seconds: shorter pauses do not part a stretch.
    longest
        In seconds: a longer stretch is cut at its longest pause, or, if it has none, where speech is least likely.
    least_speech
        In seconds: what is shorter is a click.
    margin
        Seconds that a stretch is given more at both ends, up to half of the pause.

    Returns
    -------
    list of (start, end)
        In seconds, in order, without overlap; empty if nobody speaks.

    Raises
    ------
    MtserError
        If neither package is installed.

    Example
    -------
    >>> speech_segments(np.zeros(16000, np.float32))
    []
    """
    probability, window = _probabilities(samples)
    stretches = _stretches(probability, max(1, round(least_pause * SAMPLE_RATE / window)))
    n_longest = max(2, int((longest - 2 * margin) * SAMPLE_RATE / window))
    short = [piece for start, end in stretches for piece in _cut(probability, start, end, n_longest)]
    duration, step = len(samples) / SAMPLE_RATE, window / SAMPLE_RATE
    spoken = [(s * step, min(e * step, duration)) for s, e in short if (e - s) * step >= least_speech]
    return [(round(start, 4), round(end, 4)) for start, end in _with_margin(spoken, margin, duration)]


def _probabilities(samples: np.ndarray) -> tuple[np.ndarray, int]:
    """Of the whole recording, one portion after the other."""
    model, window = _model()
    portion = int(_PORTION * SAMPLE_RATE) // window * window
    overlap = int(_OVERLAP * SAMPLE_RATE) // window * window
    found = []
    for start in range(0, len(samples), portion):
        before = min(start, overlap)
        part = np.asarray(samples[start - before : start + portion], np.float32)
        part = np.pad(part, (0, -len(part) % window))
        found.append(model(part)[before // window :])
    return np.concatenate(found) if found else np.zeros(0), window


@cache
def _model() -> tuple[Callable[[np.ndarray], np.ndarray], int]:
    if importlib.util.find_spec("faster_whisper"):
        return _silero(), 512
    if importlib.util.find_spec("pocketsphinx"):
        return _webrtc(), 480
    raise MtserError("Speech is told from silence by a package that is not installed: pip install mtser[speech].")


def _silero() -> Callable[[np.ndarray], np.ndarray]:
    from faster_whisper.vad import get_vad_model

    model: Any = get_vad_model()
    return lambda samples: np.asarray(model(samples), np.float32).reshape(-1)


def _webrtc() -> Callable[[np.ndarray], np.ndarray]:
    from pocketsphinx import Vad

    def probability(samples: np.ndarray) -> np.ndarray:
        voice = Vad(mode=3, sample_rate=SAMPLE_RATE, frame_length=0.03)
        frames = (np.clip(samples, -1, 1) * 32767).astype("<i2").reshape(-1, 480)
        loud = np.array([voice.is_speech(frame.tobytes()) for frame in frames], np.float32)
        return np.convolve(loud, np.ones(5) / 5, mode="same").astype(np.float32)  # single frames flicker

    return probability


def _stretches(probability: np.ndarray, least_pause: int) -> Iterator[tuple[int, int]]:
    """Windows from where speech begins to where a pause does, with hysteresis."""
    start: int | None = None
    silent_from: int | None = None
    for index, value in enumerate(probability):
        if value >= _SPEECH:
            if start is None:
                start = index
            silent_from = None
        elif value < _NO_SPEECH and start is not None:
            silent_from = index if silent_from is None else silent_from
            if index + 1 - silent_from >= least_pause:
                yield start, silent_from
                start = silent_from = None
    if start is not None:
        yield start, len(probability) if silent_from is None else silent_from


def _cut(probability: np.ndarray, start: int, end: int, longest: int) -> Iterator[tuple[int, int]]:
    """Pieces of a stretch that are short enough."""
    while end - start > longest:
        at = start + longest // 3 + _quietest(probability[start + longest // 3 : start + longest])
        yield start, at
        start = at
    yield start, end


def _quietest(probability: np.ndarray) -> int:
    """The middle of the longest run of windows without speech; where there is none, the least likely window."""
    silent = np.concatenate([[False], probability < _NO_SPEECH, [False]])
    changes = np.flatnonzero(silent[1:] != silent[:-1])
    if not len(changes):
        return int(np.argmin(probability))
    starts, ends = changes[::2], changes[1::2]
    longest = int(np.argmax(ends - starts))
    return int(starts[longest] + ends[longest]) // 2


def _with_margin(spoken: Sequence[tuple[float, float]], margin: float, duration: float) -> list[tuple[float, float]]:
    widened = []
    for index, (start, end) in enumerate(spoken):
        before = spoken[index - 1][1] if index else -margin
        after = spoken[index + 1][0] if index + 1 < len(spoken) else duration + margin
        widened.append(
            (max(start - min(margin, (start - before) / 2), 0.0), min(end + min(margin, (after - end) / 2), duration))
        )
    return widened
