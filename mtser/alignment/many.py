"""Word times of many audio files, on all cores, each computed once."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.apart import AlignerApart
from mtser.alignment.files import FileAligner, Origin
from mtser.alignment.memory import AlignmentMemory
from mtser.alignment.split import split_words
from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.apart import Processes
from mtser.audio import AudioIndex
from mtser.audio.index import AudioInfo
from mtser.audio.reading import SAMPLE_RATE, UnusableAudioError, read_audio
from mtser.cores import n_cores
from mtser.errors import MtserError
from mtser.parallel import parallel_map
from mtser.progress_bar import progress_bar

Found = tuple[Word, ...] | UnusableAlignmentError
"""The words of one file with their times, or why they have none."""

_AHEAD = 8  # files a thread: so few are aligned again after a kill


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
    start, end
        In seconds: where in the audio it was said; ``end`` is None for the audio's end.
    """

    path: Path
    text: str
    language: str = "en"
    start: float = 0.0
    end: float | None = None


def align_many(
    aligner: Aligner,
    spoken: Mapping[str, Spoken],
    *,
    infos: Mapping[str, AudioInfo] | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
    took: Callable[[str, float], object] | None = None,
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
        Files at once; default: one a core.
    progress
        Whether to show a progress bar with the time left.
    took
        Called with an id and the seconds that it took, for each that had to be computed.

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
    'no audio file'
    """
    if infos is None:
        infos = AudioIndex().inspect({id: one.path for id, one in spoken.items()}, n_jobs, progress)
    if isinstance(aligner, FileAligner):
        aligner = aligner.among({one.path: Origin(one.path) for one in spoken.values()})
    memory = AlignmentMemory(aligner.settings()) if aligner.is_remembered else None
    found: dict[str, Found] = {}
    jobs: list[_Job] = []
    look_up = progress and memory is not None
    for id, one in progress_bar(spoken.items(), desc="Reading word times", unit="file", show=look_up, delay=2.0):
        words, info = split_words(one.text, one.language), infos[id]
        if info.problem:
            found[id] = UnusableAlignmentError(info.problem, f"{one.path}: {info.detail}")
        elif not words and not aligner.knows_words:
            found[id] = UnusableAlignmentError("no words", f"{one.path}: its text is {one.text!r}")
        elif memory and (known := memory.get(_key(info, one), words, one.language)) is not None:
            found[id] = _of_file(known, one.path)
        else:
            jobs.append(_Job(id, one, words, info.duration))
    n_jobs = max(1, min(n_jobs or n_cores(), len(jobs)))
    if aligner.in_processes and n_jobs > 1:
        aligner = AlignerApart(aligner, Processes(n_jobs))
    done = parallel_map(partial(_align, aligner), jobs, n_jobs, _AHEAD)
    show = progress and bool(jobs)
    for job, result, is_final, seconds in progress_bar(
        done, total=len(jobs), desc="Aligning words", unit="file", show=show
    ):
        if memory and is_final:
            memory.put(_key(infos[job.id], job.spoken), job.words, job.spoken.language, result)
        found[job.id] = _of_file(result, job.spoken.path)
        if took:
            took(job.id, seconds)
    return {id: found[id] for id in spoken}


@dataclass(frozen=True, slots=True)
class _Job:
    id: str
    spoken: Spoken
    words: tuple[str, ...]
    duration: float


_Result = tuple[_Job, Found, bool, float]
"""A job, what came of it, whether that would be the same next time, and the seconds that it took."""


def _key(info: AudioInfo, spoken: Spoken) -> str:
    """What stands for the audio."""
    is_whole = spoken.start == 0.0 and spoken.end is None
    return info.sha256 if is_whole else f"{info.sha256} {spoken.start} {spoken.end}"


def _align(aligner: Aligner, job: _Job) -> _Result:
    began = time.perf_counter()
    found: Found
    is_final = True
    try:
        found = _words(aligner, job)
    except UnusableAlignmentError as error:
        found = error
    except UnusableAudioError as error:
        found, is_final = UnusableAlignmentError(error.problem, error.detail), False
    except MtserError:
        raise  # a package or a model is missing: so it is for every file
    except Exception as error:
        found, is_final = UnusableAlignmentError("the aligner failed", f"{type(error).__name__}: {error}"), False
    return job, found, is_final, time.perf_counter() - began


def _words(aligner: Aligner, job: _Job) -> tuple[Word, ...]:
    one = job.spoken
    if one.start == 0.0 and one.end is None:
        return aligner.align_within(one.path, job.duration, job.words, one.language)
    samples = _last_read(one.path, one.path.stat().st_mtime_ns)
    first, last = round(one.start * SAMPLE_RATE), None if one.end is None else round(one.end * SAMPLE_RATE)
    shift = first / SAMPLE_RATE
    return tuple(_later(word, shift) for word in aligner.align(samples[first:last], job.words, one.language))


@lru_cache(maxsize=1)
def _last_read(path: Path, modified: int) -> np.ndarray:
    """The audio of which many parts are aligned one after the other."""
    return read_audio(path)


def _later(word: Word, shift: float) -> Word:
    def later(time: float) -> float:
        return round(time + shift, 6)  # 1.546, not 1.5459999999999998

    phones = tuple(Phone(phone.phone, later(phone.start), later(phone.end)) for phone in word.phones)
    return Word(word.word, later(word.start), later(word.end), phones)


def _of_file(found: Found, path: Path) -> Found:
    """An error with the file in front."""
    if not isinstance(found, UnusableAlignmentError) or found.detail.startswith(str(path)):
        return found
    return UnusableAlignmentError(found.reason, f"{path}: {found.detail}" if found.detail else str(path))
