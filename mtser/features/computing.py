"""From files and texts to features, one by one or in batches; what fails becomes a :class:`Failure`."""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from mtser.audio import UnusableAudioError
from mtser.audio.reading import decode_audio, read_bytes
from mtser.errors import FeatureError, MtserError
from mtser.features.batch_extractor import BatchExtractor
from mtser.features.batched import check_space, extract_in_batches, in_bytes, size_to_come
from mtser.features.extractor import Extractor, UnusableFeaturesError
from mtser.features.shard_folder import Failure, checked
from mtser.features.text_extractor import TextExtractor
from mtser.parallel import parallel_map

Results = Iterator[tuple[str, np.ndarray | Failure]]
"""Key → features, or why there are none."""


class Text(NamedTuple):
    """What an extractor reads of an utterance.

    Parameters
    ----------
    words
        All of them, those of the turns before it first.
    n_kept
        How many at the end are its own, whose vectors are kept.
    """

    words: tuple[str, ...]
    n_kept: int


def one_by_one(extractor: Extractor, files: Mapping[str, Path], missing: Sequence[str], n_jobs: int | None) -> Results:
    """The features of files in threads.

    Parameters
    ----------
    extractor
        What to compute.
    files
        Key → path.
    missing
        Keys of those that are wanted.
    n_jobs
        Threads; default: one a core.
    """
    return parallel_map(lambda key: (key, _extract(extractor, key, files[key])), missing, n_jobs)


def _read(key: str, path: Path) -> np.ndarray | Failure:
    """The samples of one file; never an exception."""
    try:
        data = read_bytes(path)
        if hashlib.sha256(data).hexdigest() != key:
            return Failure("audio changed", f"{path}: changed since it was inspected; start again.")
        return decode_audio(data, str(path))
    except Exception as error:  # one strange file must not stop a corpus; get() raises if every file is strange
        return _failure(error, str(path))


def _extract(extractor: Extractor, key: str, path: Path) -> np.ndarray | Failure:
    """The features of one file, checked; never an exception."""
    waveform = _read(key, path)
    if isinstance(waveform, Failure):
        return waveform
    try:
        rows = extractor.extract(waveform)
        return checked(rows, extractor.dimension, str(path), precision=extractor.stored_as)
    except Exception as error:
        return _failure(error, str(path))


def batch_by_batch(
    extractor: BatchExtractor,
    files: Mapping[str, Path],
    seconds: Mapping[str, float],
    missing: Sequence[str],
    folder: Path,
    progress: bool,
) -> Results:
    """The features of files, in batches of similar lengths.

    Parameters
    ----------
    extractor
        What to compute.
    files, seconds
        Key → path and duration.
    missing
        Keys of those that are wanted.
    folder
        Where they will be kept.
    progress
        Whether to tell how much space they will take.

    Raises
    ------
    MtserError
        If they do not fit on the disk.
    """
    durations = [seconds[key] for key in missing]
    needed = size_to_come(extractor, durations)
    _begin(f"{len(missing)} utterances, {sum(durations) / 3600:.2g} hours", needed, folder, progress)
    return extract_in_batches(extractor, {key: files[key] for key in missing}, seconds, _read, _failure)


def all_texts(
    extractor: TextExtractor, texts: Mapping[str, Text], missing: Sequence[str], folder: Path, progress: bool
) -> Results:
    """The vectors of texts; parameters and errors as of :func:`batch_by_batch`."""
    n_words = sum(texts[key].n_kept for key in missing)
    needed = n_words * extractor.dimension * np.dtype(extractor.stored_as).itemsize
    _begin(f"{len(missing)} texts, {n_words} words", needed, folder, progress)
    extractor.load()
    return text_by_text(extractor, {key: texts[key] for key in missing})


def text_by_text(extractor: TextExtractor, texts: Mapping[str, Text]) -> Results:
    """The vectors of some texts, batch after batch; a failing batch is tried text by text."""
    keys = sorted(texts, key=lambda key: len(texts[key].words))  # little padding
    for start in range(0, len(keys), extractor.batch_size):
        batch = keys[start : start + extractor.batch_size]
        try:
            vectors = extractor.extract_batch([texts[key].words for key in batch])
            if len(vectors) != len(batch):
                raise FeatureError(f"vectors of {len(vectors)} utterances instead of {len(batch)}")
        except Exception as error:
            if len(batch) > 1:
                for key in batch:
                    yield from text_by_text(extractor, {key: texts[key]})
            else:
                yield batch[0], _failure(error, _quoted(texts[batch[0]].words))
            continue
        for key, rows in zip(batch, vectors, strict=True):
            text = texts[key]
            found = checked(rows, extractor.dimension, _quoted(text.words), len(text.words), extractor.stored_as)
            yield key, found if isinstance(found, Failure) else found[len(text.words) - text.n_kept :]


def _begin(what: str, needed: int, folder: Path, progress: bool) -> None:
    """Check that the disk has so many bytes for what is extracted, and tell."""
    check_space(folder, needed)
    if progress:
        print(f"Extracting {what}: {in_bytes(needed)} in {folder}", file=sys.stderr)


def _quoted(words: tuple[str, ...]) -> str:
    """The beginning of a text, for messages."""
    return f'"{" ".join(words[:6])}{" ..." if len(words) > 6 else ""}"'


def _failure(error: Exception, where: str) -> Failure:
    """What an exception says about one utterance.

    Raises
    ------
    MtserError
        If a GPU has no memory left: that is no fault of the utterance, which would be left out.
    """
    if isinstance(error, torch.OutOfMemoryError):
        raise MtserError(
            f"{where}: the GPU has not enough memory for its features; free some, choose another GPU "
            "(--device cuda:1) or the processor (--device cpu)."
        ) from error
    if isinstance(error, UnusableAudioError | UnusableFeaturesError):
        return Failure(error.problem, f"{where}: {error.detail}")
    if isinstance(error, FeatureError):
        return Failure("features cannot be computed", f"{where}: {error}")
    return Failure("features cannot be computed", f"{where}: {error!r}", error)
