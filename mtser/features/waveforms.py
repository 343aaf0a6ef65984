"""The sound of a corpus in memory, for encoders that are trained on it: each file is read once."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from mtser.audio import SAMPLE_RATE, UnusableAudioError, read_audio
from mtser.cores import free_memory
from mtser.corpora.corpus import Skipped
from mtser.features.batched import in_bytes
from mtser.files import cache_folder
from mtser.parallel import parallel_map
from mtser.progress_bar import progress_bar

FULL_SCALE = 32768
"""Of 16-bit samples."""


class Waveforms:
    """Utterance id → its samples at 16 kHz, all of them one behind the other.

    Parameters
    ----------
    waveforms
        Utterance id → ``[samples]``: float32, or int16 in parts of :data:`FULL_SCALE`.
    skipped
        Utterances whose audio cannot be read, and why.
    whole
        The array of which the waveforms are parts, one behind the other in their order, if there is one.

    Attributes
    ----------
    skipped
        As given.

    Example
    -------
    >>> sound = Waveforms({"a": np.zeros(3, np.float32), "b": np.ones(2, np.float32)})
    >>> values, lengths = sound.concatenated(["b", "a"])
    >>> values.tolist(), lengths.tolist()
    ([1.0, 1.0, 0.0, 0.0, 0.0], [2, 3])
    """

    def __init__(
        self, waveforms: Mapping[str, np.ndarray], skipped: Sequence[Skipped] = (), whole: np.ndarray | None = None
    ) -> None:
        self._waveforms = dict(waveforms)
        self.skipped = tuple(skipped)
        self._whole = whole

    @classmethod
    def read(cls, paths: Mapping[str, Path], n_jobs: int | None = None, progress: bool = True) -> "Waveforms":
        """Read audio files.

        Samples that are whole multiples of 1 / 32768, as those of 16-bit files at 16 kHz are, stay 16 bits wide, if
        those of all files are; else all become float32. What would take more than half of the free memory is kept in a
        file without a name in mtser's cache, which vanishes with the process.

        Parameters
        ----------
        paths
            Utterance id → file.
        n_jobs
            Threads; default: one a core.
        progress
            Whether to show a progress bar, and to tell how much memory it takes.
        """
        tape, lengths, skipped = _Tape(free_memory() / 2), dict[str, int](), []
        read = parallel_map(lambda id: (id, _read(paths[id])), paths, n_jobs)
        for id, samples in progress_bar(read, total=len(paths), desc="Reading sound", unit="file", show=progress):
            if isinstance(samples, UnusableAudioError):
                skipped.append(Skipped(id, samples.problem, f"{paths[id]}: {samples.detail}"))
            else:
                tape.append(samples)
                lengths[id] = len(samples)
        whole = tape.whole()
        if progress:
            where = f"in a file in {cache_folder()}" if isinstance(whole, np.memmap) else "in memory"
            told = f"{len(whole) / SAMPLE_RATE / 3600:.2g} hours: {in_bytes(whole.nbytes)} {where}"
            print(f"The sound of {len(lengths)} utterances, {told}", file=sys.stderr)
        ends = np.cumsum([*lengths.values()])
        parts = {id: whole[end - lengths[id] : end] for id, end in zip(lengths, ends.tolist(), strict=True)}
        return cls(parts, skipped, whole)

    def __contains__(self, id: str) -> bool:
        return id in self._waveforms

    def __iter__(self) -> Iterator[str]:
        return iter(self._waveforms)

    def n_samples(self, id: str) -> int:
        """Of an utterance."""
        return len(self._waveforms[id])

    def concatenated(self, ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The samples of some utterances, one behind the other, and int64 ``[utterances]``: how many each has.

        They are no copy if those are all utterances in the order in which they were read.
        """
        some = [self._waveforms[id] for id in ids]
        lengths = np.array([len(one) for one in some], dtype=np.int64)
        if self._whole is not None and list(ids) == list(self._waveforms):
            return self._whole, lengths
        return np.concatenate(some) if some else np.empty(0, np.float32), lengths


def _read(path: Path) -> np.ndarray | UnusableAudioError:
    try:
        samples = read_audio(path)
    except UnusableAudioError as error:
        return error
    whole = np.rint(samples * FULL_SCALE)
    exact = np.array_equal(whole, samples * FULL_SCALE) and -FULL_SCALE <= whole.min() <= whole.max() < FULL_SCALE
    return whole.astype(np.int16) if exact else samples


class _Tape:
    """Samples one behind another, 16 bits wide until one comes that is not; in a file once they are too many.

    Parameters
    ----------
    limit
        Bytes that are kept in memory.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._kind: np.dtype = np.dtype(np.int16)
        self._parts: list[np.ndarray] = []
        self._file: IO[bytes] | None = None
        self._n_samples = 0

    def append(self, samples: np.ndarray) -> None:
        """Put samples behind the others."""
        if samples.dtype != self._kind:
            if self._kind == np.int16:
                self._widen()
            samples = _floats(samples)
        self._n_samples += len(samples)
        self._parts.append(samples)
        if self._file is None and self._n_samples * self._kind.itemsize > self._limit:
            self._file = _nameless_file()
        if self._file is not None:
            self._file.writelines(part.data for part in self._parts)
            self._parts.clear()

    def whole(self) -> np.ndarray:
        """All samples, in memory or in the file; the tape is empty then."""
        if self._file is not None:
            self._file.flush()
            return np.memmap(self._file, self._kind, "r+", shape=(self._n_samples,))  # type: ignore[arg-type]
        whole, begin = np.empty(self._n_samples, self._kind), 0
        for part in _taken(self._parts):
            whole[begin : begin + len(part)] = part
            begin += len(part)
        return whole

    def _widen(self) -> None:
        self._kind = np.dtype(np.float32)
        self._parts = [_floats(part) for part in _taken(self._parts)]
        if self._file is not None:
            narrow, self._file = self._file, _nameless_file()
            narrow.seek(0)
            while data := narrow.read(1 << 24):
                self._file.write(_floats(np.frombuffer(data, np.int16)).data)


def _floats(samples: np.ndarray) -> np.ndarray:
    return samples.astype(np.float32) / FULL_SCALE if samples.dtype == np.int16 else samples


def _taken(parts: list[np.ndarray]) -> Iterator[np.ndarray]:
    """The parts in their order, each let go before the next is asked for."""
    parts.reverse()
    while parts:
        yield parts.pop()


def _nameless_file() -> IO[bytes]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)
