"""Parts of recordings, and the sound of videos, as audio files of their own in the cache folder."""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from mtser.cores import n_cores
from mtser.corpora.clip_sound import INSTALL, NO_DECODER, Clip, ClipProblem, is_video, sound_of
from mtser.errors import CorpusError
from mtser.files import cache_folder, write_atomically, write_text
from mtser.progress_bar import progress_bar

_VERSION = 1
_LONGEST_NAME = 235  # bytes: of 255 that file systems take, less the suffix and what a temporary file has more
_SAVE_EVERY = 30.0  # seconds: what a killed run loses at most of its list (the files themselves stay)


def cut_clips(
    clips: Mapping[str, Clip | Path], corpus_root: Path, *, n_jobs: int | None = None, progress: bool = True
) -> tuple[Path, dict[str, Path | ClipProblem]]:
    """Make a FLAC file of every clip, each once: a second run, or one that was killed, makes only what is missing.

    Parameters
    ----------
    clips
        Id → clip, or a file. One that soundfile reads is taken as it is: a link to it (a copy, where there can be no
        links) lies beside the clips, so that all of a corpus's files are in one folder. Files are named after the ids;
        where another table of the same folder gave an id to other sound, a file of its own is made.
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
    clips = {id: Clip(one) if isinstance(one, Path) and is_video(one) else one for id, one in clips.items()}
    absolute = corpus_root.resolve()
    folder = cache_folder() / "clips" / hashlib.sha256(str(absolute).encode()).hexdigest()[:16] / absolute.name
    made = _Made(folder / ".made.json")
    files = {id: folder / made.name_for(id, clip) for id, clip in clips.items()}
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
    if found and all(isinstance(one, ClipProblem) and one.reason == NO_DECODER for one in found.values()):
        raise CorpusError(f"{corpus_root}: none of its recordings can be decoded: {INSTALL}.")
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

    def name_for(self, id: str, clip: Clip | Path) -> str:
        """The id's own name, unless that is the name of other sound: a run may be reading it."""
        name, suffix, place = _file_name(id), _suffix(clip), _place(clip)
        known = self._stamps.get(name + suffix)
        if known is None or [known[0], *known[3:]] == place:
            return name + suffix
        return _short(name, json.dumps(place)) + suffix

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
    return _short(plain, id)


def _short(name: str, distinct: str) -> str:
    """A name with the hash of what sets it apart."""
    tail = f"_{hashlib.sha256(distinct.encode()).hexdigest()[:8]}"
    return name.encode()[: _LONGEST_NAME - len(tail)].decode(errors="ignore") + tail


def _source(clip: Clip | Path) -> Path:
    return clip.source if isinstance(clip, Clip) else clip


def _suffix(clip: Clip | Path) -> str:
    return ".flac" if isinstance(clip, Clip) else clip.suffix


def _stamp(clip: Clip | Path) -> list[object] | None:
    """What determines the clip's content; None if there is no such file."""
    try:
        found = os.stat(_source(clip))
    except OSError:
        return None
    source, *times = _place(clip)
    return [source, found.st_size, found.st_mtime_ns, *times]


def _place(clip: Clip | Path) -> list[object]:
    """Where the sound is, whatever it is there."""
    return [str(clip.source), clip.start, clip.end] if isinstance(clip, Clip) else [str(clip)]


def _make(clip: Clip | Path, file: Path) -> ClipProblem | None:
    if isinstance(clip, Path):
        return _put_beside(clip, file)
    made = sound_of(clip)
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
