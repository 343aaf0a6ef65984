"""A recording, whatever it comes as → samples at 16 kHz, mono."""

import io
from pathlib import Path

import numpy as np
import soundfile

from mtser.audio.containers import HEAD, is_container
from mtser.audio.reading import SAMPLE_RATE, UnusableAudioError, decode_mono, read_bytes, resample
from mtser.audio.stream import audio_duration
from mtser.errors import AudioError, ConfigError
from mtser.inference.recordings import Recording

LONGEST = 600.0
"""Seconds that are judged as one utterance at most: models learn from utterances of some seconds."""

_NONSENSE = 1e9  # seconds: a header that states more is damaged
_SHORTEST = 0.1  # of what a person hands in; an utterance of a corpus may be shorter (mtser.features.prepare)
_CLIPPED = 0.999
_CLIPPED_SHARE = 0.001


def samples_of(recording: Recording) -> np.ndarray:
    """The samples of a recording, or of its stretch.

    Returns
    -------
    np.ndarray
        float32 ``[samples]`` at 16 kHz.

    Raises
    ------
    AudioError
        If it cannot be read, holds no sound, is shorter than 0.1 s or longer than 10 minutes; an
        :class:`~mtser.audio.UnusableAudioError` names the reason so that it can be counted.
    ConfigError
        If samples come without a rate, or the stretch is none.

    Example
    -------
    >>> tone = np.sin(np.arange(8000) / 10)
    >>> samples_of(Recording(tone, rate=8000, start=0.5)).shape
    (8000,)
    """
    if isinstance(recording.audio, np.ndarray):
        mono, rate = _mono_of_array(recording)
    else:
        mono, rate = _mono_of_file(recording)
    seconds = len(mono) / rate
    if seconds < _SHORTEST:
        raise UnusableAudioError(recording.title, "too short", f"{seconds:.3f} s; {_SHORTEST:g} s are needed", seconds)
    return resample(mono, rate)


def is_clipped(samples: np.ndarray) -> bool:
    """Whether a thousandth of the samples or more stand at full scale.

    Example
    -------
    >>> is_clipped(np.clip(2 * np.sin(np.arange(1000)), -1, 1)), is_clipped(0.9 * np.sin(np.arange(1000)))
    (True, False)
    """
    return float(np.mean(np.abs(samples) >= _CLIPPED)) >= _CLIPPED_SHARE


def _mono_of_array(recording: Recording) -> tuple[np.ndarray, int]:
    array, name = np.asarray(recording.audio), recording.title
    if recording.rate is None:
        raise ConfigError(f"{name}: samples need their rate in hertz (rate=16000).")
    if not 1000 <= recording.rate <= 768000:
        raise UnusableAudioError(name, "unreadable audio", f"a sampling rate of {recording.rate} Hz")
    if array.ndim not in (1, 2) or array.dtype.kind not in "iuf":
        shape = "x".join(map(str, array.shape))
        raise UnusableAudioError(name, "unreadable audio", f"an array of {array.dtype} {shape}; samples were expected")
    if array.ndim == 2 and array.shape[0] < array.shape[1]:  # channels first
        array = array.T
    first, behind = _bounds(recording, len(array), recording.rate)
    array = array[first:behind]
    samples = _full_scale(array)
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    return _checked(mono.astype(np.float32), name, recording.rate), recording.rate


def _full_scale(array: np.ndarray) -> np.ndarray:
    """Whole numbers as floats with full scale at ±1."""
    if array.dtype.kind == "f":
        return array.astype(np.float64)
    half = 2.0 ** (8 * array.dtype.itemsize - 1)
    return (array.astype(np.float64) - (half if array.dtype.kind == "u" else 0.0)) / half


def _mono_of_file(recording: Recording) -> tuple[np.ndarray, int]:
    name, audio = recording.title, recording.audio
    if recording.start is None and recording.end is None:
        content: bytes | None = audio if isinstance(audio, bytes) else read_bytes(audio)  # type: ignore[arg-type]
    else:
        content = _of_container(audio)  # type: ignore[arg-type]
    if content is not None:
        _refuse_long(content, recording)
        mono, rate = decode_mono(content, name)
        first, behind = _bounds(recording, len(mono), rate)  # a video may not have told its length before
        return _checked(mono[first:behind], name, rate), rate
    source = io.BytesIO(audio) if isinstance(audio, bytes) else audio
    try:
        with soundfile.SoundFile(source) as file:  # type: ignore[arg-type]
            first, behind = _bounds(recording, file.frames, file.samplerate)
            file.seek(first)
            samples = file.read(behind - first, dtype="float32", always_2d=True)
            rate = file.samplerate
    except (soundfile.LibsndfileError, OSError, RuntimeError, TypeError, ValueError) as error:
        detail = getattr(error, "error_string", None) or "no known audio format"
        raise UnusableAudioError(name, "unreadable audio", str(detail).strip().rstrip(".")) from error
    mono = samples.mean(axis=1, dtype=np.float64).astype(np.float32)
    return _checked(mono, name, rate), rate


def _of_container(audio: bytes | str | Path) -> bytes | None:
    """The bytes of what soundfile cannot read, a video for example; None for all else."""
    if isinstance(audio, bytes):
        return audio if is_container(audio[:HEAD]) else None
    try:
        with open(audio, "rb") as file:
            return read_bytes(audio) if is_container(file.read(HEAD)) else None
    except OSError:
        return read_bytes(audio)  # which tells what is wrong


def _refuse_long(data: bytes, recording: Recording) -> None:
    """By the header, before hours are decoded; a header that cannot be read is told of by who decodes."""
    try:
        seconds = audio_duration(data)
    except UnusableAudioError:
        return
    if 0 < seconds < _NONSENSE:
        _bounds(recording, round(seconds * SAMPLE_RATE), SAMPLE_RATE)


def _bounds(recording: Recording, n_samples: int, rate: int) -> tuple[int, int]:
    """First sample of the stretch, and the one behind its last."""
    name, duration = recording.title, n_samples / rate
    start = 0.0 if recording.start is None else recording.start
    end = duration if recording.end is None else min(recording.end, duration)
    if not 0 <= start < max(duration, 1e-9) or (not end > start and n_samples):
        raise ConfigError(
            f"{name}: lasts {duration:.3f} s, so that the stretch from {start:g} s to "
            f"{'its end' if recording.end is None else f'{recording.end:g} s'} holds nothing."
        )
    if end - start > LONGEST:
        raise AudioError(
            f"{name}: lasts {_clock(end - start)}, but a model judges utterances of some seconds, "
            f"{_clock(LONGEST)} at most; give the stretch of each utterance (start and end)."
        )
    return round(start * rate), round(end * rate)


def _checked(mono: np.ndarray, name: str, rate: int) -> np.ndarray:
    """As :func:`~mtser.audio.reading.decode_mono` checks a whole file."""
    if not len(mono):
        raise UnusableAudioError(name, "empty audio", "there are no samples")
    low, high = float(mono.min()), float(mono.max())
    if not np.isfinite(high - low):
        count = int((~np.isfinite(mono)).sum())
        raise UnusableAudioError(name, "non-finite audio", f"{count} samples are NaN or infinite", len(mono) / rate)
    if low == high:
        raise UnusableAudioError(name, "silent audio", f"every sample is {low:g}", len(mono) / rate)
    return mono


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
