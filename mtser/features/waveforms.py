"""The sound of a corpus in memory, for encoders that are trained on it: each file is read once."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from mtser.audio import SAMPLE_RATE, UnusableAudioError, read_audio
from mtser.corpora.corpus import Skipped
from mtser.features.batched import in_bytes
from mtser.files import cache_folder
from mtser.parallel import parallel_map

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
            Whether to tell how much memory it takes.
        """
        found: dict[str, np.ndarray] = {}
        skipped = []
        for id, samples in parallel_map(lambda id: (id, _read(paths[id])), paths, n_jobs):
            if isinstance(samples, UnusableAudioError):
                skipped.append(Skipped(id, samples.problem, f"{paths[id]}: {samples.detail}"))
            else:
                found[id] = samples
        kind = np.dtype(np.int16 if all(one.dtype == np.int16 for one in found.values()) else np.float32)
        n_samples = sum(len(one) for one in found.values())
        in_memory = n_samples * kind.itemsize < _free_memory() / 2
        if progress:
            where = "in memory" if in_memory else f"in a file in {cache_folder()}"
            told = f"{n_samples / SAMPLE_RATE / 3600:.2g} hours: {in_bytes(n_samples * kind.itemsize)} {where}"
            print(f"Reading the sound of {len(found)} utterances, {told}", file=sys.stderr)
        whole = _room(n_samples, kind, in_memory)
        start = 0
        for id in found:
            samples = found[id]
            place = whole[start : start + len(samples)]
            place[:] = samples if samples.dtype == kind else samples.astype(np.float32) / FULL_SCALE
            found[id], start = place, start + len(samples)
        return cls(found, skipped, whole)

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


def _room(n_samples: int, kind: np.dtype, in_memory: bool) -> np.ndarray:
    if in_memory or not n_samples:
        return np.empty(n_samples, kind)
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return np.memmap(tempfile.TemporaryFile(dir=folder), kind, "w+", shape=(n_samples,))


def _free_memory() -> float:
    """Bytes that can be had without swapping; without end where the system does not tell."""
    try:
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
        return 1024.0 * int(told["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return float("inf")
