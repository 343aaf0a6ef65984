"""Transcripts of many recordings, each computed once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from mtser.apart import Processes
from mtser.audio.reading import READING_VERSION, UnusableAudioError, decode_audio, read_bytes
from mtser.cores import n_cores
from mtser.errors import MtserError
from mtser.files import cache_folder, write_json
from mtser.parallel import parallel_map
from mtser.progress_bar import progress_bar
from mtser.transcription.apart import TranscriberApart
from mtser.transcription.transcriber import Segment, Transcriber, Transcript

_VERSION = 1  # of the files; raise it when what they hold changes


def transcribe_many(
    transcriber: Transcriber,
    recordings: Mapping[str, Path],
    *,
    language: str | None = None,
    n_jobs: int | None = None,
    progress: bool = True,
) -> dict[str, Transcript | UnusableAudioError]:
    """Transcribe audio files: one after the other if the recogniser itself uses all cores, else in processes.

    Each transcript is kept in ``transcripts`` of :func:`mtser.files.cache_folder` under what determines it.

    Parameters
    ----------
    transcriber
        What hears.
    recordings
        Id → audio file.
    language
        Of the speech, an ISO 639-1 code; None to let the transcriber find out.
    n_jobs
        Processes, for a transcriber that needs them; default: one a core.
    progress
        Whether to show a progress bar with the time left.

    Returns
    -------
    dict
        Id → transcript, or what is wrong with the file, in the order of ``recordings``.

    Example
    -------
    >>> from mtser.transcription.sphinx import SphinxTranscriber
    >>> found = transcribe_many(SphinxTranscriber(), {"u1": Path("no/such.wav")}, progress=False)
    >>> found["u1"].problem
    'no audio file'
    """
    settings = transcriber.settings()
    n_jobs = max(1, min(n_jobs or n_cores(), len(recordings))) if transcriber.in_processes else 1
    if n_jobs > 1:
        transcriber = TranscriberApart(transcriber, Processes(n_jobs))
    hear = partial(_hear, transcriber, settings, language)
    done = zip(recordings, parallel_map(hear, recordings.values(), n_jobs), strict=True)
    show = progress and bool(recordings)
    return dict(progress_bar(done, total=len(recordings), desc="Transcribing", unit="file", show=show))


def _hear(
    transcriber: Transcriber, settings: dict[str, Any], language: str | None, path: Path
) -> Transcript | UnusableAudioError:
    """One file; what is new is kept."""
    try:
        data = read_bytes(path)
        key = [_VERSION, READING_VERSION, hashlib.sha256(data).hexdigest(), language, settings]
        name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        file = cache_folder() / "transcripts" / name[:2] / f"{name[2:]}.json"
        transcript = _remembered(file)
        if transcript is None:
            transcript = transcriber.transcribe(decode_audio(data, str(path)), language)
            write_json(file, asdict(transcript))
        return transcript
    except UnusableAudioError as error:
        return error
    except MtserError:  # the recogniser cannot work at all, or nothing can be written
        raise
    except Exception as error:  # of this recording alone, as far as one can know
        return UnusableAudioError(str(path), "cannot be transcribed", repr(error))


def _remembered(file: Path) -> Transcript | None:
    """A transcript that was kept; None if there is none, or the file is damaged."""
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        segments = tuple(Segment(**segment) for segment in entry["segments"])
        return Transcript(segments, entry["language"], entry["recogniser"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
