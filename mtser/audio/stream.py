"""Long recordings piece by piece: hours of any rate and channel count are never in memory at once."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from mtser.audio.containers import HEAD, NotDecodableError, is_container, open_container
from mtser.audio.reading import RATES, SAMPLE_RATE, UnusableAudioError, missing_part, problem_of, resample

_CONTEXT = 1  # seconds on either side of a piece: far more than the resampler's filter reaches at any rate


def audio_duration(source: str | Path | bytes, name: str | None = None) -> float:
    """Seconds of a recording, as its header states them; 0 if it does not.

    Parameters
    ----------
    source
        A file, or the bytes of one.
    name
        For messages; default: the path.

    Raises
    ------
    UnusableAudioError
        If it is no audio file.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> soundfile.write(file, np.sin(np.arange(12000) * 0.1), 8000)
    >>> audio_duration(file)
    1.5
    """
    name = name or ("standard input" if isinstance(source, bytes) else str(source))
    try:
        if is_container(_head(source, name)):
            with open_container(source) as container:
                return container.duration
        with soundfile.SoundFile(_opened(source)) as file:
            return file.frames / file.samplerate if 0 < file.frames < 2**62 else 0.0
    except UnusableAudioError:
        raise
    except (NotDecodableError, OSError, *_UNKNOWN) as error:
        raise _unusable(name, error) from error


def stream_audio(source: str | Path | bytes, name: str | None = None, *, seconds: int = 60) -> Iterator[np.ndarray]:
    """Read a recording piece by piece.

    Parameters
    ----------
    source, name
        As for :func:`audio_duration`.
    seconds
        Length of a piece; the last one may be shorter or up to two seconds longer.

    Yields
    ------
    np.ndarray
        float32 ``[samples]``, 16 kHz, mono. Put together, they are what :func:`~mtser.audio.read_audio` returns, to
        float precision.

    Raises
    ------
    UnusableAudioError
        If it is no audio file, is damaged somewhere, or holds NaN.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> soundfile.write(file, np.sin(np.arange(200000) * 0.1), 8000)
    >>> [len(piece) for piece in stream_audio(file, seconds=10)]
    [160000, 160000, 80000]
    """
    name = name or ("standard input" if isinstance(source, bytes) else str(source))
    try:
        if is_container(_head(source, name)):
            with open_container(source) as container:
                yield from _resampled(container.blocks(), container.rate, seconds, name)
        else:
            with soundfile.SoundFile(_opened(source)) as file:
                blocks = file.blocks(blocksize=10 * file.samplerate, dtype="float32", always_2d=True)
                mono = (block.mean(axis=1, dtype=np.float64).astype(np.float32) for block in blocks)
                yield from _resampled(mono, file.samplerate, seconds, name)
                found = (file.format, file.subtype, file.frames, file.tell(), file.extra_info)
                if missing := missing_part(0, *found):
                    raise UnusableAudioError(name, "truncated audio", missing, file.tell() / file.samplerate)
    except UnusableAudioError:
        raise
    except (NotDecodableError, OSError, *_UNKNOWN) as error:
        raise _unusable(name, error) from error


_UNKNOWN = (soundfile.LibsndfileError, RuntimeError, TypeError)  # what soundfile raises for what it does not know


def _opened(source: str | Path | bytes) -> str | io.BytesIO:
    return io.BytesIO(source) if isinstance(source, bytes) else str(source)


def _head(source: str | Path | bytes, name: str) -> bytes:
    if isinstance(source, bytes):
        head = source[:HEAD]
    else:
        with open(source, "rb") as file:
            head = file.read(HEAD)
    if not head:
        raise UnusableAudioError(name, "empty audio", "the file has no bytes")
    return head


def _unusable(name: str, error: Exception) -> UnusableAudioError:
    detail = str(error) if isinstance(error, NotDecodableError) else getattr(error, "strerror", None)
    detail = detail or getattr(error, "error_string", None) or "no known audio format"
    return UnusableAudioError(name, problem_of(error), detail.strip().rstrip("."))


def _resampled(blocks: Iterator[np.ndarray], rate: int, seconds: int, name: str) -> Iterator[np.ndarray]:
    """Pieces of whole seconds, each resampled with some of what is before and behind it, which is cut off again."""
    if not RATES[0] <= rate <= RATES[1]:
        raise UnusableAudioError(name, "unreadable audio", f"a sampling rate of {rate} Hz")
    held, n_held, before = [np.zeros(0, np.float32)], 0, 0
    for block in blocks:
        if not np.isfinite(block).all():
            raise UnusableAudioError(name, "non-finite audio", "samples are NaN or infinite")
        held.append(block)
        n_held += len(block)
        while n_held >= (before + seconds + _CONTEXT) * rate:
            joined = np.concatenate(held)
            found = resample(joined[: (before + seconds + _CONTEXT) * rate], rate)
            yield found[before * SAMPLE_RATE : (before + seconds) * SAMPLE_RATE]
            held = [joined[(before + seconds - _CONTEXT) * rate :]]
            n_held, before = len(held[0]), _CONTEXT
    rest = np.concatenate(held)
    if len(rest) > before * rate:
        yield resample(rest, rate)[before * SAMPLE_RATE :]
