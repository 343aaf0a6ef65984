"""The sound of a part of a recording, or of a video.

Where ffmpeg is installed it takes the sound out of videos, AAC and what else soundfile does not read, else PyAV does.
"""

import io
import math
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from mtser.audio import SAMPLE_RATE, VIDEO_SUFFIXES
from mtser.audio.containers import Container, NoDecoderError, NotDecodableError, open_container
from mtser.audio.reading import RATES, resample

END_TOLERANCE = 0.5
"""By how many seconds a part may end after its recording: it is cut to the end, as word times are."""

_CHANNELS = 8  # of a FLAC file at most; of more the mean is what anybody reads
_FASTEST = 655_350  # Hz that FLAC can hold
NO_DECODER = "no decoder"
INSTALL = "videos and AAC need PyAV (pip install mtser[speech]) or ffmpeg, and neither is installed"


@dataclass(frozen=True, slots=True)
class Clip:
    """A part of a recording, or the sound of a video.

    Parameters
    ----------
    source
        The audio or video file.
    start, end
        Of the part, in seconds; None: from the beginning, to the end.
    """

    source: Path
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class ClipProblem:
    """Why a clip could not be made: a reason that can be counted, and what was found."""

    reason: str
    detail: str


def is_video(source: Path) -> bool:
    """Whether a file is a video, or other sound that soundfile does not read."""
    return source.suffix.lower() in VIDEO_SUFFIXES


def sound_of(clip: Clip) -> bytes | ClipProblem:
    """The sound of a clip as a FLAC file, or why there is none."""
    if not is_video(clip.source):
        return _of_audio(clip)
    start, end = _span(clip)
    if not 0 <= start < end:
        return _outside(clip)
    return _by_ffmpeg(clip) if shutil.which("ffmpeg") else _by_pyav(clip)


def _span(clip: Clip) -> tuple[float, float]:
    return clip.start or 0.0, math.inf if clip.end is None else clip.end


def _of_audio(clip: Clip) -> bytes | ClipProblem:
    """The part of an audio file, at its own rate, with all its channels."""
    try:
        with soundfile.SoundFile(clip.source) as audio:
            rate, duration = audio.samplerate, audio.frames / audio.samplerate
            start = clip.start or 0.0
            end = duration if clip.end is None else clip.end
            if not 0 <= start < min(end, duration) or end > duration + END_TOLERANCE:
                return _outside(clip, duration)
            audio.seek(round(start * rate))
            samples = audio.read(round((min(end, duration) - start) * rate), dtype="float64")
            subtype = "PCM_16" if audio.subtype in ("PCM_16", "PCM_S8", "PCM_U8") else "PCM_24"
    except (OSError, soundfile.LibsndfileError, RuntimeError, TypeError, ValueError) as error:
        return ClipProblem("unreadable audio", f"{clip.source}: {getattr(error, 'error_string', error)}")
    if n_bad := int((~np.isfinite(samples)).sum()):
        return ClipProblem("non-finite audio", f"{clip.source}: {n_bad} samples are NaN or infinite")
    if samples.ndim > 1 and (samples.shape[1] > _CHANNELS or rate > _FASTEST):
        samples = samples.mean(axis=1)
    if rate > _FASTEST:
        samples, rate = resample(samples.astype(np.float32), rate), SAMPLE_RATE
    return _flac(samples, rate, subtype)


def _by_pyav(clip: Clip) -> bytes | ClipProblem:
    """The sound of a video, or of a part of it: 16 kHz, mono. What is before the part is not decoded."""
    start, end = _span(clip)
    parts = []
    try:
        container, n_read = _open_at(clip.source, start)
        with container:
            rate = container.rate
            if not RATES[0] <= rate <= RATES[1]:
                return ClipProblem("unreadable audio", f"{clip.source}: a sampling rate of {rate} Hz")
            for block in container.blocks():
                first, last = max(start * rate - n_read, 0.0), min(end * rate - n_read, float(len(block)))
                part = block[round(first) : max(round(last), 0)]
                if part.size:  # an empty view would keep its block in memory
                    parts.append(part)
                n_read += len(block)
                if n_read >= end * rate:
                    break
    except NoDecoderError:
        return ClipProblem(NO_DECODER, f"{clip.source}: {INSTALL}")
    except NotDecodableError as error:
        return ClipProblem("unreadable audio", f"{clip.source}: {error}")
    duration = n_read / rate
    if not n_read:
        return ClipProblem("empty audio", f"{clip.source}: the sound track holds no samples")
    if not start < duration or (clip.end is not None and end > duration + END_TOLERANCE):
        return _outside(clip, duration)
    if not parts:
        return ClipProblem("empty audio", f"{clip.source}: no sample lies from {start:.6f} to {end:.6f} s")
    return _flac(resample(np.concatenate(parts), rate), SAMPLE_RATE, "PCM_16")


def _open_at(source: Path, start: float) -> tuple[Container, int]:
    """A container, and the number of the first sample that it gives: at or before ``start``."""
    container = open_container(source)
    n_skipped = container.skip_to(start)
    if n_skipped is None:
        container.close()
        return open_container(source), 0
    return container, n_skipped


def _by_ffmpeg(clip: Clip) -> bytes | ClipProblem:
    """The same by ffmpeg, which is silent where a part lies behind the end."""
    start, end = _span(clip)
    part = [] if clip.start is None else ["-ss", f"{clip.start:.3f}"]
    part += [] if clip.end is None else ["-to", f"{clip.end:.3f}"]
    command = ["ffmpeg", "-nostdin", "-v", "error", *part, "-i", os.path.abspath(clip.source), "-vn", "-ac", "1"]
    # Bare samples: into a pipe, ffmpeg cannot write how many there are into a FLAC or WAV header.
    command += ["-ar", str(SAMPLE_RATE), "-f", "s16le", "pipe:1"]
    ended = subprocess.run(command, capture_output=True, check=False)
    found = len(ended.stdout) / 2 / SAMPLE_RATE
    if ended.returncode or (not found and start == 0):
        told = ended.stderr.decode(errors="replace").strip().splitlines() or ["ffmpeg found no sound"]
        return ClipProblem("unreadable audio", f"{clip.source}: {told[-1]}")
    if not found:
        return _outside(clip)
    if clip.end is not None and found < end - start - END_TOLERANCE:
        return _outside(clip, start + found)
    return _flac(np.frombuffer(ended.stdout, "<i2"), SAMPLE_RATE, "PCM_16")


def _outside(clip: Clip, duration: float | None = None) -> ClipProblem:
    """Times that the recording does not have."""
    end = duration if clip.end is None else clip.end
    asked = f"from {clip.start or 0.0:.3f} s" if end is None else f"{clip.start or 0.0:.3f}-{end:.3f} s"
    of = "" if duration is None else f" of {duration:.3f} s"
    return ClipProblem("segment outside the audio", f"{clip.source}: {asked}{of}")


def _flac(samples: np.ndarray, rate: int, subtype: str) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format="FLAC", subtype=subtype)
    return out.getvalue()
