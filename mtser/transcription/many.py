"""Transcripts of many recordings, each computed once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from mtser.audio.reading import READING_VERSION, UnusableAudioError, decode_audio, read_bytes
from mtser.files import cache_folder, write_json
from mtser.progress_bar import progress_bar
from mtser.transcription.transcriber import Segment, Transcriber, Transcript

_VERSION = 1  # of the files; raise it when what they hold changes


def transcribe_many(
    transcriber: Transcriber,
    recordings: Mapping[str, Path],
    *,
    language: str | None = None,
    progress: bool = True,
) -> dict[str, Transcript | UnusableAudioError]:
    """Transcribe audio files, one after the other: a recogniser itself uses all cores.

    Each transcript is kept in ``transcripts`` of :func:`mtser.files.cache_folder` under what determines it.

    Parameters
    ----------
    transcriber
        What hears.
    recordings
        Id → audio file.
    language
        Of the speech, an ISO 639-1 code; None to let the transcriber find out.
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
    'unreadable audio'
    """
    settings = transcriber.settings()
    found: dict[str, Transcript | UnusableAudioError] = {}
    show = progress and bool(recordings)
    for id, path in progress_bar(recordings.items(), desc="Transcribing", unit="file", show=show):
        try:
            data = read_bytes(path)
            key = [_VERSION, READING_VERSION, hashlib.sha256(data).hexdigest(), language, settings]
            name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
            file = cache_folder() / "transcripts" / name[:2] / f"{name[2:]}.json"
            transcript = _remembered(file)
            if transcript is None:
                transcript = transcriber.transcribe(decode_audio(data, str(path)), language)
                write_json(file, asdict(transcript))
            found[id] = transcript
        except UnusableAudioError as error:
            found[id] = error
    return found


def _remembered(file: Path) -> Transcript | None:
    """A transcript that was kept; None if there is none, or the file is damaged."""
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))
        segments = tuple(Segment(**segment) for segment in entry["segments"])
        return Transcript(segments, entry["language"], entry["recogniser"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
