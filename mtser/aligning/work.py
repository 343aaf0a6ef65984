"""Aligning the recordings of a user: transcribe what has no text, find word times, write TextGrids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mtser.aligning.recordings import Recording
from mtser.alignment import Aligner, Spoken, Word, align_many
from mtser.alignment.split import split_words
from mtser.alignment.text_grid import write_text_grid
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.audio import AudioIndex
from mtser.audio.index import AudioInfo
from mtser.transcription import Segment, Transcriber, Transcript, transcribe_many


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one recording.

    Parameters
    ----------
    recording
        Which.
    status
        "aligned", "partly" (some of the stretches that were transcribed), "even" (times were shared out) or "failed".
    reason, detail
        Why it is not "aligned"; empty if it is.
    duration
        Of the audio, in seconds.
    words
        How many words have times.
    seconds
        How long the alignment took; None if it was known from before.
    """

    recording: Recording
    status: str
    reason: str
    detail: str
    duration: float
    words: int
    seconds: float | None


def align_recordings(
    recordings: Sequence[Recording],
    out: Path,
    aligner: Aligner,
    transcriber: Transcriber | None = None,
    *,
    language: str = "en",
    even_on_failure: bool = False,
    n_jobs: int | None = None,
    progress: bool = True,
) -> list[Outcome]:
    """Write ``out/<place>.TextGrid`` for each recording whose words have times.

    Parameters
    ----------
    recordings
        See :func:`~mtser.aligning.recordings.find_recordings`.
    out
        The folder; sub-folders are those of the recordings.
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
    """
    paths = {str(one.path): one.path for one in recordings}
    infos = AudioIndex().inspect(paths, n_jobs, progress)
    silent = [one for one in recordings if one.text is None and not infos[str(one.path)].problem]
    heard: dict[str, Transcript] = {}
    if transcriber is not None and not aligner.knows_words:
        unheard = {str(one.path): one.path for one in silent}
        transcripts = transcribe_many(transcriber, unheard, language=language, n_jobs=n_jobs, progress=progress)
        heard = {id: found for id, found in transcripts.items() if isinstance(found, Transcript)}
    parts = {str(one.path): _parts(one, heard.get(str(one.path)), language) for one in recordings}
    spoken = {f"{id}\0{i}": one for id, some in parts.items() for i, one in enumerate(some)}
    seconds: dict[str, float] = {}
    found = align_many(
        aligner,
        spoken,
        infos={id: infos[id.partition("\0")[0]] for id in spoken},
        n_jobs=n_jobs,
        progress=progress,
        took=seconds.__setitem__,
    )
    outcomes = []
    for one in recordings:
        id = str(one.path)
        results = [found[f"{id}\0{i}"] for i in range(len(parts[id]))]
        outcome, words = _judged(one, infos[id], parts[id], results, even_on_failure)
        took = [seconds[f"{id}\0{i}"] for i in range(len(parts[id])) if f"{id}\0{i}" in seconds]
        if words:
            _write(out, one, words, infos[id].duration, heard.get(id))
        if id in heard:
            outcome = replace(outcome, recording=replace(one, source=heard[id].recogniser))
        outcomes.append(replace(outcome, seconds=sum(took) if took else None))
    return outcomes


def _parts(one: Recording, heard: Transcript | None, language: str) -> list[Spoken]:
    """What is aligned by itself: the whole recording, or each stretch of speech that was transcribed."""
    if heard is None:
        return [Spoken(one.path, one.text or "", language)]
    return [Spoken(one.path, part.text, heard.language, part.start, part.end) for part in heard.segments]


def _judged(
    one: Recording,
    info: AudioInfo,
    parts: Sequence[Spoken],
    results: Sequence[tuple[Word, ...] | UnusableAlignmentError],
    even: bool,
) -> tuple[Outcome, tuple[Word, ...]]:
    errors = [found for found in results if isinstance(found, UnusableAlignmentError)]
    words: list[Word] = []
    for part, found in zip(parts, results, strict=True):
        if not isinstance(found, UnusableAlignmentError):
            words += found
        elif even and not info.problem:
            words += _shared(part, info.duration)
    if not parts:
        errors.append(UnusableAlignmentError("no speech", f"{one.path}: nobody was heard"))
    if not errors:
        status = "aligned"
    elif not words:
        status = "failed"
    else:
        status = "even" if even else "partly"
    reason, detail = (errors[0].reason, errors[0].detail) if errors else ("", "")
    return Outcome(one, status, reason, detail, info.duration, len(words), None), tuple(words)


def _shared(part: Spoken, duration: float) -> list[Word]:
    end = duration if part.end is None else min(part.end, duration)
    shared = share_evenly(split_words(part.text, part.language), end - part.start)
    return [Word(word.word, word.start + part.start, word.end + part.start) for word in shared]


def _write(out: Path, one: Recording, words: Sequence[Word], duration: float, heard: Transcript | None) -> None:
    segments: Sequence[Segment] = heard.segments if heard else ()
    more = {"segments": [(part.start, part.end, part.text) for part in segments]} if segments else None
    write_text_grid(out / one.place.parent / f"{one.place.name}.TextGrid", words, duration, more)
