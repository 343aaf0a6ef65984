"""Parts of recordings, and the sound of videos, as audio files of their own in the cache folder.

Where ffmpeg is installed it takes the sound out of videos, AAC and what else soundfile does not read, else PyAV does.
"""

import hashlib
import io
import json
import math
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from mtser.audio import SAMPLE_RATE, VIDEO_SUFFIXES
from mtser.audio.containers import Container, NoDecoderError, NotDecodableError, open_container
from mtser.audio.reading import RATES, resample
from mtser.cores import n_cores
from mtser.errors import CorpusError
from mtser.files import cache_folder, write_atomically, write_text
from mtser.progress_bar import progress_bar

END_TOLERANCE = 0.5
"""By how many seconds a part may end after its recording: it is cut to the end, as word times are."""

_VERSION = 1
_CHANNELS = 8  # of a FLAC file at most; of more the mean is what anybody reads
_LONGEST_NAME = 235  # bytes: of 255 that file systems take, less the suffix and what a temporary file has more
_NO_DECODER = "no decoder"
_INSTALL = "videos and AAC need PyAV (pip install mtser[speech]) or ffmpeg, and neither is installed"
_SAVE_EVERY = 30.0  # seconds: what a killed run loses at most of its list (the files themselves stay)


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


def cut_clips(
    clips: Mapping[str, Clip | Path], corpus_root: Path, *, n_jobs: int | None = None, progress: bool = True
) -> tuple[Path, dict[str, Path | ClipProblem]]:
    """Make a FLAC file of every clip, each once: a second run, or one that was killed, makes only what is missing.

    Parameters
    ----------
    clips
        Id → clip, or a file. One that soundfile reads is taken as it is: a link to it (a copy, where there can be no
        links) lies beside the clips, so that all of a corpus's files are in one folder. Files are named after the ids.
    corpus_root
        The corpus's folder: every corpus has a folder of its own in ``clips`` of :func:`mtser.files.cache_folder`,
        which ends with the same name, since results are named after it.
    n_jobs
        Threads; default: one a core.
    progress
        Whether to show a progress bar with the time left.

    Returns
    -------
    Path
        The folder of the files.
    dict
        Id → file, or why there is none.

    Raises
    ------
    CorpusError
        If nothing can be made because what decodes the recordings is not installed.
    """
    clips = {id: Clip(one) if isinstance(one, Path) and _is_video(one) else one for id, one in clips.items()}
    absolute = corpus_root.resolve()
    folder = cache_folder() / "clips" / hashlib.sha256(str(absolute).encode()).hexdigest()[:16] / absolute.name
    made = _Made(folder / ".made.json")
    files = {id: folder / f"{_file_name(id)}{_suffix(clip)}" for id, clip in clips.items()}
    found: dict[str, Path | ClipProblem] = {}
    waiting = {}
    for id, clip in clips.items():
        stamp = _stamp(clip)
        if stamp is None:
            found[id] = ClipProblem("no audio file", str(_source(clip)))
        elif made.has(files[id], stamp):
            found[id] = files[id]
        else:
            waiting[id] = stamp
    pool = ThreadPoolExecutor(n_jobs or n_cores())
    try:
        jobs = {pool.submit(_make, clips[id], files[id]): id for id in waiting}
        done = progress_bar(
            as_completed(jobs), total=len(jobs), desc="Cutting audio", unit="clip", show=progress and bool(jobs)
        )
        for job in done:
            id = jobs[job]
            problem = job.result()
            found[id] = problem or files[id]
            if problem is None:
                made.add(files[id], waiting[id])
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        made.save()
    if found and all(isinstance(one, ClipProblem) and one.reason == _NO_DECODER for one in found.values()):
        raise CorpusError(f"{corpus_root}: none of its recordings can be decoded: {_INSTALL}.")
    return folder, {id: found[id] for id in clips}


class _Made:
    """Which files of the folder were made of what."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._fresh = False
        self._saved = time.monotonic()
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            self._stamps = dict(content["files"]) if content["version"] == _VERSION else {}
            self._there = {entry.name for entry in os.scandir(file.parent)}
        except (OSError, ValueError, TypeError, KeyError):
            self._stamps, self._there = {}, set()

    def has(self, file: Path, stamp: list[object]) -> bool:
        return self._stamps.get(file.name) == stamp and file.name in self._there

    def add(self, file: Path, stamp: list[object]) -> None:
        self._stamps[file.name] = stamp
        self._fresh = True
        if time.monotonic() - self._saved > _SAVE_EVERY:
            self.save()

    def save(self) -> None:
        if self._fresh:
            write_text(self._file, json.dumps({"version": _VERSION, "files": self._stamps}) + "\n")
        self._fresh, self._saved = False, time.monotonic()


def _file_name(id: str) -> str:
    """The id as the name of a file; ids that are too long, or have other characters, keep apart by a hash."""
    plain = "".join(character if character.isalnum() or character in "-_." else "_" for character in id)
    if plain == id and len(plain.encode()) <= _LONGEST_NAME:
        return plain
    tail = f"_{hashlib.sha256(id.encode()).hexdigest()[:8]}"
    return plain.encode()[: _LONGEST_NAME - len(tail)].decode(errors="ignore") + tail


def _is_video(source: Path) -> bool:
    return source.suffix.lower() in VIDEO_SUFFIXES


def _source(clip: Clip | Path) -> Path:
    return clip.source if isinstance(clip, Clip) else clip


def _suffix(clip: Clip | Path) -> str:
    return ".flac" if isinstance(clip, Clip) else clip.suffix


def _stamp(clip: Clip | Path) -> list[object] | None:
    """What determines the clip's content; None if there is no such file."""
    source = _source(clip)
    try:
        found = os.stat(source)
    except OSError:
        return None
    times = (clip.start, clip.end) if isinstance(clip, Clip) else ()
    return [str(source), found.st_size, found.st_mtime_ns, *times]


def _make(clip: Clip | Path, file: Path) -> ClipProblem | None:
    if isinstance(clip, Path):
        return _put_beside(clip, file)
    if not _is_video(clip.source):
        made = _of_audio(clip)
    else:
        made = _by_ffmpeg(clip) if shutil.which("ffmpeg") else _by_pyav(clip)
    if isinstance(made, ClipProblem):
        return made
    write_atomically(file, lambda out: out.write(made))
    return None


def _put_beside(source: Path, file: Path) -> ClipProblem | None:
    """A link to a file, in place of what was there; a copy where there are no links."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.symlink_to(source.resolve())
    except OSError:
        try:
            content = source.read_bytes()
        except OSError as error:
            return ClipProblem("unreadable audio", f"{source}: {error.strerror}")
        write_atomically(file, lambda out: out.write(content))
    return None


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
    if samples.ndim > 1 and samples.shape[1] > _CHANNELS:
        samples = samples.mean(axis=1)
    return _flac(samples, rate, subtype)


def _by_pyav(clip: Clip) -> bytes | ClipProblem:
    """The sound of a video, or of a part of it: 16 kHz, mono. What is before the part is not decoded."""
    start, end = clip.start or 0.0, math.inf if clip.end is None else clip.end
    if not 0 <= start < end:
        return _outside(clip)
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
        return ClipProblem(_NO_DECODER, f"{clip.source}: {_INSTALL}")
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
    start, end = clip.start or 0.0, math.inf if clip.end is None else clip.end
    if not 0 <= start < end:
        return _outside(clip)
    part = [] if clip.start is None else ["-ss", f"{clip.start:.3f}"]
    part += [] if clip.end is None else ["-to", f"{clip.end:.3f}"]
    command = ["ffmpeg", "-nostdin", "-v", "error", *part, "-i", os.path.abspath(clip.source), "-vn", "-ac", "1"]
    # Bare samples: into a pipe, ffmpeg cannot write how many there are into a FLAC or WAV header.
    command += ["-ar", str(SAMPLE_RATE), "-f", "s16le", "pipe:1"]
    ended = subprocess.run(command, capture_output=True, check=False)
    found = len(ended.stdout) / 2 / SAMPLE_RATE
    if not ended.returncode and start > 0 and not found:
        return _outside(clip)
    if not ended.returncode and end < math.inf and found and found < end - start - END_TOLERANCE:
        return _outside(clip, start + found)
    if ended.returncode or not ended.stdout:
        told = ended.stderr.decode(errors="replace").strip().splitlines() or ["ffmpeg found no sound"]
        return ClipProblem("unreadable audio", f"{clip.source}: {told[-1]}")
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
