"""Aligning the recordings of a user: transcribe what has no text, find word times, write TextGrids."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from mtser.aligning.outcome import Outcome
from mtser.aligning.recordings import Recording
from mtser.aligning.result_folder import ResultFolder
from mtser.aligning.task import Task, task_of
from mtser.alignment import Aligner, align_many
from mtser.alignment.apart import AlignerApart
from mtser.alignment.files import FileAligner, Origin
from mtser.apart import Processes
from mtser.audio import AudioIndex, UnusableAudioError
from mtser.cores import n_cores
from mtser.progress_bar import progress_bar
from mtser.transcription import Transcriber, Transcript, transcribe_many

_AT_ONCE = 16  # stretches of speech a core: so few are held until their TextGrids are written, and no core waits long


def align_recordings(
    recordings: Sequence[Recording],
    results: ResultFolder,
    aligner: Aligner,
    transcriber: Transcriber | None = None,
    *,
    language: str = "en",
    even_on_failure: bool = False,
    n_jobs: int | None = None,
    progress: bool = True,
) -> list[Outcome]:
    """Write a TextGrid for each recording whose words have times, soon after they are found, and a summary of all.

    Parameters
    ----------
    recordings
        See :func:`~mtser.aligning.recordings.find_recordings`.
    results
        Where they are written. Of recordings that have no times (any more), TextGrids of earlier runs are removed.
    aligner
        What finds the times.
    transcriber
        For recordings without a text; needed if there are any, unless the aligner knows the words itself.
    language
        Of texts and speech.
    even_on_failure
        Whether a recording that cannot be aligned gets evenly shared times in place of none.
    n_jobs, progress
        As for :func:`~mtser.transcription.transcribe_many` and :func:`~mtser.alignment.align_many`.

    Returns
    -------
    list of Outcome
        In the order of ``recordings``.

    Raises
    ------
    MtserError
        If results cannot be written, which is tried first, or the aligner cannot work at all.
    """
    results.begin()
    n_jobs = n_jobs or n_cores()
    infos = AudioIndex().inspect({str(one.path): one.path for one in recordings}, n_jobs, progress)
    heard: dict[str, Transcript | UnusableAudioError] = {}
    if transcriber is not None and not aligner.knows_words:
        unheard = [one.path for one in recordings if one.is_unheard and not infos[str(one.path)].problem]
        heard = _transcripts(transcriber, unheard, language, n_jobs, progress)
    tasks = [task_of(one, infos[str(one.path)], heard.get(str(one.path)), language) for one in recordings]
    if isinstance(aligner, FileAligner):  # it has to know all recordings of a name, which batches do not show it
        aligner = aligner.among({one.path: Origin(one.path) for one in recordings})
    n_parts = sum(len(task.parts) for task in tasks)
    n_jobs = max(1, min(n_jobs, n_parts))
    if aligner.in_processes and aligner.is_remembered and not aligner.knows_words and n_jobs > 1:
        aligner = AlignerApart(aligner, Processes(n_jobs))  # else every batch would start processes of its own
    outcomes = []
    with progress_bar(total=n_parts, desc="Aligning words", unit="file", show=progress) as bar:
        for batch in _batches(tasks, n_jobs * _AT_ONCE):
            outcomes += _align(batch, results, aligner, even_on_failure, n_jobs, bar)
    results.finish(outcomes)
    return outcomes


def _transcripts(
    transcriber: Transcriber, paths: Sequence[Path], language: str, n_jobs: int, progress: bool
) -> dict[str, Transcript | UnusableAudioError]:
    """What was heard, or why nothing can be, by path."""
    files = {str(path): path for path in paths}
    return transcribe_many(transcriber, files, language=language, n_jobs=n_jobs, progress=progress)


def _batches(tasks: Sequence[Task], n_parts: int) -> Iterator[list[Task]]:
    """Tasks that have so many parts together, or a few more."""
    batch: list[Task] = []
    n = 0
    for task in tasks:
        batch.append(task)
        n += len(task.parts)
        if n >= n_parts:
            yield batch
            batch, n = [], 0
    if batch:
        yield batch


def _align(
    tasks: Sequence[Task], results: ResultFolder, aligner: Aligner, even: bool, n_jobs: int, bar: tqdm
) -> list[Outcome]:
    """Align some recordings, and write their TextGrids."""
    seconds: dict[str, float] = {}

    def took(id: str, time: float) -> None:
        seconds[id] = time
        bar.update()

    ids = [[f"{n} {i}" for i in range(len(task.parts))] for n, task in enumerate(tasks)]
    spoken = {id: part for own, task in zip(ids, tasks, strict=True) for id, part in zip(own, task.parts, strict=True)}
    infos = {id: task.info for own, task in zip(ids, tasks, strict=True) for id in own}
    found = align_many(aligner, spoken, infos=infos, n_jobs=n_jobs, progress=False, took=took)
    bar.update(len(spoken) - len(seconds))
    outcomes = []
    for own, task in zip(ids, tasks, strict=True):
        times = [seconds[id] for id in own if id in seconds]
        outcome, words = task.judged([found[id] for id in own], even, sum(times) if times else None)
        if words:
            results.write(task.recording, words, task.info.duration, task.segments)
        else:
            results.remove(task.recording)
        outcomes.append(outcome)
    return outcomes
