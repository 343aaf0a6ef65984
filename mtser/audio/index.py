"""What is in the audio files of a corpus: one read a file for hash, length and faults, remembered between runs."""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mtser.audio.containers import NoDecoderError
from mtser.audio.reading import UnusableAudioError, decode_mono, read_bytes
from mtser.cores import n_cores
from mtser.files import cache_folder, write_text
from mtser.progress_bar import progress_bar
from mtser.unfinished import remove_leftovers

_VERSION = 1  # of the remembered file; raise it when the checks of an audio file change
_SAVE_EVERY = 30.0  # seconds: what a killed first run loses at most


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What is known about one audio file.

    Parameters
    ----------
    duration
        In seconds, as far as the file could be decoded.
    sha256
        Of the file's bytes, in hexadecimal; empty if the file could not be read, or PyAV is missing that decodes it.
    problem
        One of :data:`~mtser.audio.reading.AUDIO_PROBLEMS`, or None for good audio.
    detail
        What exactly was found; empty for good audio.
    """

    duration: float
    sha256: str
    problem: str | None = None
    detail: str = ""


def inspect_audio(path: str | Path) -> AudioInfo:
    """Read one audio file once: its hash, its duration, and what is wrong with it.

    Example
    -------
    >>> inspect_audio("no/such/file.wav").problem
    'no audio file'
    """
    sha256 = ""
    try:
        data = read_bytes(path)
        sha256 = hashlib.sha256(data).hexdigest()
        samples, rate = decode_mono(data, str(path))
    except UnusableAudioError as error:
        if isinstance(error.__cause__, NoDecoderError):
            sha256 = ""
        return AudioInfo(error.duration, sha256, error.problem, error.detail)
    return AudioInfo(len(samples) / rate, sha256)


class AudioIndex:
    """Remembers :class:`AudioInfo` by absolute path, size and time of change: a second run reads no audio.

    Parameters
    ----------
    file
        Where it is remembered (JSON); default: ``audio_index.json`` in :func:`mtser.files.cache_folder`. A damaged
        file, or one of another version, is started afresh.
    n_jobs
        Threads that read and decode, where :meth:`inspect` is not told otherwise; default: one a core.

    Example
    -------
    >>> import tempfile
    >>> index = AudioIndex(Path(tempfile.mkdtemp()) / "index.json")
    >>> index.inspect({"u1": Path("no/such/file.wav")}, progress=False)["u1"].problem
    'no audio file'
    """

    def __init__(self, file: Path | None = None, n_jobs: int | None = None) -> None:
        self.file = Path(file) if file is not None else cache_folder() / "audio_index.json"
        self.n_jobs = n_jobs

    def inspect(
        self, paths: Mapping[str, Path], n_jobs: int | None = None, progress: bool = True
    ) -> dict[str, AudioInfo]:
        """Inspect the audio files of many utterances.

        Parameters
        ----------
        paths
            Utterance id → audio file.
        n_jobs
            Threads that read and decode; default: one a core.
        progress
            Whether to show a progress bar with the time left (only if a file has to be read).

        Returns
        -------
        dict
            Utterance id → :class:`AudioInfo`, in the order of ``paths``.

        Raises
        ------
        MtserError
            If the index cannot be written (disk full); nothing is left half-written.
        """
        remembered = self._load()
        files = {id: os.path.abspath(path) for id, path in paths.items()}
        stamps = {file: _stamp(file) for file in dict.fromkeys(files.values())}
        known: dict[str, AudioInfo] = {}
        for file, stamp in stamps.items():
            entry = remembered.get(file)
            if stamp is not None and entry is not None and entry[0] == stamp:
                known[file] = entry[1]
        unknown = [file for file in stamps if file not in known]
        if unknown:
            self._read(unknown, stamps, known, n_jobs or self.n_jobs or n_cores(), progress)
        return {id: known[file] for id, file in files.items()}

    def _read(
        self,
        unknown: list[str],
        stamps: Mapping[str, list[int] | None],
        known: dict[str, AudioInfo],
        n_jobs: int,
        progress: bool,
    ) -> None:
        """Inspect the unknown files, and save from time to time: what was read is not read again after a break."""
        fresh: dict[str, Any] = {}
        saved = time.monotonic()
        with ThreadPoolExecutor(n_jobs) as pool:
            jobs = {pool.submit(inspect_audio, file): file for file in unknown}
            try:
                done = progress_bar(
                    as_completed(jobs), total=len(jobs), desc="Checking audio", unit="file", show=progress
                )
                for job in done:
                    file = jobs[job]
                    known[file] = job.result()
                    # No hash: the file could not be read now (missing, no permission, no decoder), which may change.
                    if stamps[file] is not None and known[file].sha256:
                        fresh[file] = (stamps[file], known[file])
                    if time.monotonic() - saved > _SAVE_EVERY:
                        self._save(fresh)
                        saved = time.monotonic()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                self._save(fresh)

    def _load(self) -> dict[str, tuple[list[int], AudioInfo]]:
        """What is remembered: path → ([size, mtime_ns], info); empty if there is no usable file."""
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
            if content["version"] != _VERSION:
                return {}
            return {file: (stamp, AudioInfo(**info)) for file, (stamp, info) in content["files"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def _save(self, fresh: Mapping[str, Any]) -> None:
        """Add entries to the file. It is read again first, so that two runs at a time lose little of each other."""
        if not fresh:
            return
        remove_leftovers(self.file.parent, self.file.name)
        entries = {**self._load(), **fresh}
        files = {file: [stamp, asdict(info)] for file, (stamp, info) in sorted(entries.items())}
        write_text(self.file, json.dumps({"version": _VERSION, "files": files}, ensure_ascii=False) + "\n")


def _stamp(file: str) -> list[int] | None:
    """Size and time of change; None if there is no such file."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
