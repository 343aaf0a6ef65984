"""Audio files of any rate and channel count → samples at 16 kHz, mono.

What cannot be used is told apart by one of :data:`AUDIO_PROBLEMS`, phrases that can be counted over a corpus.
"""

import errno
import io
import re
from functools import lru_cache
from math import gcd
from pathlib import Path

import numpy as np
import soundfile

from mtser.audio.containers import HEAD, NotDecodableError, decode_container, is_container
from mtser.errors import AudioError, MtserError

SAMPLE_RATE = 16000
"""Samples a second of everything behind this module, in hertz."""

READING_VERSION = 1
"""Raise this when the same file gives other samples than before: stored features then no longer count."""

AUDIO_PROBLEMS = (
    "no audio file",
    "unreadable audio",
    "empty audio",
    "truncated audio",
    "silent audio",
    "non-finite audio",
)
"""The problems that an :class:`UnusableAudioError` names."""

RATES = (1000, 768000)
"""Rates outside of this range are damaged headers; they would also make the resampler's filter huge."""

# libsndfile corrects a chunk size that points behind the end of the file, and tells so only in its log.
_CORRECTED_SIZE = re.compile(r"(?:data|SSND|Data Size)\s*: (\d+) \(should be (\d+)\)")
# A recorder that writes into a pipe cannot know the length and puts a size near 2^31 or 2^32 instead.
_UNKNOWN_SIZE = 0x7FFF0000


class UnusableAudioError(AudioError):
    """One audio file cannot be used.

    Parameters
    ----------
    name
        The file.
    problem
        One of :data:`AUDIO_PROBLEMS`.
    detail
        What was found.

    Attributes
    ----------
    problem, detail
        As given.
    duration
        Of the audio in seconds, as far as it could be decoded.

    Example
    -------
    >>> print(UnusableAudioError("a.wav", "empty audio", "no samples"))
    a.wav: empty audio (no samples).
    """

    def __init__(self, name: str, problem: str, detail: str, duration: float = 0.0) -> None:
        super().__init__(f"{name}: {problem} ({detail}).")
        self.problem = problem
        self.detail = detail
        self.duration = duration


def read_audio(path: str | Path) -> np.ndarray:
    """Read an audio file.

    Parameters
    ----------
    path
        WAV, FLAC or anything else that soundfile reads, at any rate, with any number of channels; of videos, AAC, WMA
        and what browsers record the first sound track, if PyAV is installed (extra ``speech``).

    Returns
    -------
    np.ndarray
        float32 ``[samples]`` at 16 kHz, the mean of all channels; full scale is ±1.

    Raises
    ------
    UnusableAudioError
        An :class:`~mtser.errors.AudioError` that says which file has which of :data:`AUDIO_PROBLEMS`.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> soundfile.write(file, np.sin(np.arange(48000) * 0.1), 48000)
    >>> read_audio(file).shape
    (16000,)
    """
    return decode_audio(read_bytes(path), str(path))


def read_bytes(path: str | Path) -> bytes:
    """The bytes of an audio file; a file that is not there is "no audio file", one that cannot be read "unreadable"."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):  # nothing is wrong with the file
            raise MtserError(f"{path}: {error.strerror}; allow this process more (ulimit -n).") from error
        raise UnusableAudioError(str(path), problem_of(error), error.strerror or str(error)) from error


def problem_of(error: Exception) -> str:
    """Which of :data:`AUDIO_PROBLEMS` a file has that cannot be opened or is of no known format."""
    return "no audio file" if isinstance(error, FileNotFoundError) else "unreadable audio"


def decode_audio(data: bytes, name: str) -> np.ndarray:
    """Decode the bytes of an audio file, as :func:`read_audio` does.

    Parameters
    ----------
    data
        The file's content.
    name
        The file's name, for messages.
    """
    mono, rate = decode_mono(data, name)
    return resample(mono, rate)


def decode_mono(data: bytes, name: str) -> tuple[np.ndarray, int]:
    """Decode, check and mix down: float32 ``[samples]`` at the file's own rate, and that rate in hertz."""
    if not data:
        raise UnusableAudioError(name, "empty audio", "the file has no bytes")
    if is_container(data[:HEAD]):
        return _decode_container(data, name)
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, promised, log = file.samplerate, file.frames, file.extra_info
            kind, subtype = file.format, file.subtype
            if not RATES[0] <= rate <= RATES[1]:
                raise UnusableAudioError(name, "unreadable audio", f"a sampling rate of {rate} Hz")
            try:
                samples = file.read(dtype="float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                detail = f"the header promises {promised} frames, decoding failed before the last"
                raise UnusableAudioError(name, "truncated audio", detail) from error
    except (soundfile.LibsndfileError, RuntimeError, TypeError, ValueError) as error:
        detail = getattr(error, "error_string", None) or "no known audio format"
        raise UnusableAudioError(name, "unreadable audio", detail.strip().rstrip(".")) from error
    duration = len(samples) / rate
    if missing := missing_part(len(data), kind, subtype, promised, len(samples), log):
        raise UnusableAudioError(name, "truncated audio", missing, duration)
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float64).astype(np.float32)
    return _checked(mono, rate, name), rate


def _decode_container(data: bytes, name: str) -> tuple[np.ndarray, int]:
    """Decode a sound track as :func:`decode_mono` does."""
    try:
        mono, rate = decode_container(data)
    except NotDecodableError as error:
        raise UnusableAudioError(name, "unreadable audio", str(error)) from error
    if not RATES[0] <= rate <= RATES[1]:
        raise UnusableAudioError(name, "unreadable audio", f"a sampling rate of {rate} Hz")
    return _checked(mono, rate, name), rate


def _checked(mono: np.ndarray, rate: int, name: str) -> np.ndarray:
    """``mono``, if it holds something."""
    if not len(mono):
        raise UnusableAudioError(name, "empty audio", "the file has a header but no samples")
    duration = len(mono) / rate
    low, high = float(mono.min()), float(mono.max())  # both are NaN if any sample is
    if not np.isfinite(high - low):
        count = int((~np.isfinite(mono)).sum())
        raise UnusableAudioError(name, "non-finite audio", f"{count} samples are NaN or infinite", duration)
    if low == high:
        raise UnusableAudioError(name, "silent audio", f"every sample is {low:g}", duration)
    return mono


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Bring samples to 16 kHz with a windowed sinc (64 zero crossings a side, Kaiser window, β = 14.77).

    The filter is that of resampy's and torchaudio's "kaiser best". In parts of the lower of both Nyquist frequencies:
    flat up to 0.9 (within 0.04 dB), half the amplitude at 0.948, -56 dB at 1, below -150 dB from 1.025 on. (SciPy's
    default filter rolls off earlier and stops at -60 dB.)

    Parameters
    ----------
    samples
        float32 ``[samples]``.
    rate
        Their rate in hertz.

    Returns
    -------
    np.ndarray
        float32 ``[ceil(samples * 16000 / rate)]``, computed in double precision.

    Example
    -------
    >>> resample(np.ones(48000, np.float32), 48000).shape
    (16000,)
    """
    if rate == SAMPLE_RATE:
        return np.ascontiguousarray(samples, dtype=np.float32)
    divisor = gcd(SAMPLE_RATE, rate)
    up, down = SAMPLE_RATE // divisor, rate // divisor
    from scipy.signal import oaconvolve, resample_poly  # a second or so, which audio at 16 kHz need not wait for

    taps = _low_pass(up, down)
    if up > 1:
        return resample_poly(samples, up, down, window=taps).astype(np.float32)
    # The same sum by fast convolution: several times faster than the polyphase form if every tap is used each time.
    filtered = oaconvolve(samples.astype(np.float64), taps, mode="full")
    return filtered[len(taps) // 2 :][: len(samples)][::down].astype(np.float32)


@lru_cache(maxsize=4)
def _low_pass(up: int, down: int) -> np.ndarray:
    """The anti-aliasing filter at ``up`` times the input rate."""
    from scipy.signal import firwin

    widest = max(up, down)
    return firwin(2 * 64 * widest + 1, 0.9475937167399596 / widest, window=("kaiser", 14.769656459379492))


def missing_part(n_bytes: int, kind: str, subtype: str, promised: int, decoded: int, log: str) -> str:
    """What a file lacks of what its header promises; empty if nothing."""
    for found in _CORRECTED_SIZE.finditer(log):
        stated, present = int(found[1]), int(found[2])
        if present < stated < _UNKNOWN_SIZE:
            return f"the header promises {stated} bytes of samples, {present} are there"
    # MP3 headers only estimate the number of frames.
    if decoded < promised < _UNKNOWN_SIZE and not subtype.startswith("MPEG"):
        return f"the header promises {promised} frames, {decoded} are there"
    if kind == "OGG" and not decoded and n_bytes > 4096:
        return "the last page of the Ogg stream is missing"
    return ""
