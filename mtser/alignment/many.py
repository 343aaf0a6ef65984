"""Word times of many audio files, on all cores, each computed once."""

import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mtser.alignment.aligner import Aligner
from mtser.alignment.memory import AlignmentMemory
from mtser.alignment.split import split_words
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import AudioIndex
from mtser.audio.index import AudioInfo
from mtser.audio.reading import UnusableAudioError
from mtser.errors import MtserError
from mtser.progress_bar import progress_bar

Found = tuple[Word, ...] | UnusableAlignmentError
"""The words of one file with their times, or why they have none."""

_LITTLE = 60.0  # seconds of audio: what is aligned before other processes have started


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said in one audio file.

    Parameters
    ----------
    path
        The audio.
    text
        As written: with punctuation, numbers and capitals.
    language
        Of the text: an ISO 639-1 code.
    """

    path: Path
    text: str
    language: str = "en"


def align_many(
    aligner: Aligner,
    spoken: Mapping[str, Spoken],
    *,
    infos: Mapping[str, AudioInfo] | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
) -> dict[str, Found]:
    """Find the times of all words of many audio files.

    Each result is kept in ``alignments`` of :func:`mtser.files.cache_folder` as soon as it is known, under what
    determines it (the audio's bytes, the words, the aligner's settings): a second run, or one that was killed, computes
    only what is missing.

    Parameters
    ----------
    aligner
        What finds the times.
    spoken
        Id → audio and text.
    infos
        Id → what is known of the audio; default: found out by :class:`~mtser.audio.AudioIndex`.
    n_jobs
        Processes, or threads where the aligner does not need processes; default: one a core.
    progress
        Whether to show a progress bar with the time left.

    Returns
    -------
    dict
        Id → one word for each word of the text (see :func:`~mtser.alignment.split.split_words`), in the order of
        ``spoken``; or an :class:`~mtser.alignment.word_times.UnusableAlignmentError` with the reason (the audio's
        problem, "no words", "no pronunciation", ...) and a detail that names the file.

    Raises
    ------
    MtserError
        If the aligner cannot work at all (a package is missing), or results cannot be written.

    Example
    -------
    >>> from mtser.alignment.files import EvenAligner
    >>> found = align_many(EvenAligner(), {"u1": Spoken(Path("no/such.wav"), "Oh no.")}, progress=False)
    >>> found["u1"].reason
    'unreadable audio'
    """
    if infos is None:
        infos = AudioIndex().inspect({id: one.path for id, one in spoken.items()}, n_jobs, progress)
    memory = AlignmentMemory(aligner.settings()) if aligner.is_remembered else None
    found: dict[str, Found] = {}
    jobs: list[_Job] = []
    for id, one in spoken.items():
        words, info = split_words(one.text, one.language), infos[id]
        if info.problem:
            found[id] = UnusableAlignmentError(info.problem, f"{one.path}: {info.detail}")
        elif not words and not aligner.knows_words:
            found[id] = UnusableAlignmentError("no words", f"{one.path}: its text is {one.text!r}")
        elif memory and (known := memory.get(info.sha256, words, one.language)) is not None:
            found[id] = _of_file(known, one.path)
        else:
            jobs.append(_Job(id, one.path, words, one.language))
    n_jobs = max(1, min(n_jobs or _n_cores(), len(jobs)))
    if aligner.in_processes and sum(infos[job.id].duration for job in jobs) < _LITTLE:
        n_jobs = 1
    results = _in_processes if aligner.in_processes and n_jobs > 1 else _in_threads
    done = results(aligner, jobs, n_jobs)
    show = progress and bool(jobs)
    for job, result, is_final in progress_bar(done, total=len(jobs), desc="Aligning words", unit="file", show=show):
        if memory and is_final:
            memory.put(infos[job.id].sha256, job.words, job.language, result)
        found[job.id] = _of_file(result, job.path)
    return {id: found[id] for id in spoken}


@dataclass(frozen=True, slots=True)
class _Job:
    id: str
    path: Path
    words: tuple[str, ...]
    language: str


_Result = tuple[_Job, Found, bool]
"""A job, what came of it, and whether that would be the same next time."""


def _align(aligner: Aligner, job: _Job) -> _Result:
    try:
        return job, aligner.align_file(job.path, job.words, job.language), True
    except UnusableAlignmentError as error:
        return job, error, True
    except UnusableAudioError as error:
        return job, UnusableAlignmentError(error.problem, error.detail), False
    except MtserError:
        raise  # a package or a model is missing: so it is for every file
    except Exception as error:
        return job, UnusableAlignmentError("the aligner failed", f"{type(error).__name__}: {error}"), False


def _in_threads(aligner: Aligner, jobs: Sequence[_Job], n_jobs: int) -> Iterator[_Result]:
    if n_jobs == 1:
        yield from (_align(aligner, job) for job in jobs)
        return
    pool = ThreadPoolExecutor(n_jobs)
    try:
        for done in as_completed([pool.submit(_align, aligner, job) for job in jobs]):
            yield done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_processes(aligner: Aligner, jobs: Sequence[_Job], n_jobs: int) -> Iterator[_Result]:
    """By joblib, whose processes need neither a fork nor a guard in the user's script."""
    from joblib import Parallel, delayed

    pickled = pickle.dumps(aligner)
    work = (delayed(_align_there)(pickled, job) for job in jobs)
    yield from Parallel(n_jobs, return_as="generator_unordered", batch_size=1, pre_dispatch="4*n_jobs")(work)


def _align_there(pickled: bytes, job: _Job) -> _Result:
    """In another process, where the aligner is made once."""
    return _align(_unpickled(pickled), job)


@lru_cache(maxsize=1)
def _unpickled(aligner: bytes) -> Aligner:
    return pickle.loads(aligner)


def _of_file(found: Found, path: Path) -> Found:
    """An error with the file in front."""
    if not isinstance(found, UnusableAlignmentError) or found.detail.startswith(str(path)):
        return found
    return UnusableAlignmentError(found.reason, f"{path}: {found.detail}" if found.detail else str(path))


def _n_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
