"""Texts of utterances whose corpus has none: recognised once, then remembered."""

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path

from mtser.audio import AudioInfo, read_audio
from mtser.files import cache_folder, write_text
from mtser.progress_bar import progress_bar
from mtser.transcription.transcriber import Transcriber

_SAVE_EVERY = 30.0  # seconds: what a killed run loses at most


def transcribe_many(
    transcriber: Transcriber,
    spoken: Mapping[str, tuple[Path, str]],
    infos: Mapping[str, AudioInfo],
    *,
    progress: bool = True,
) -> dict[str, str]:
    """Find out what is said in audio files.

    Texts are kept in ``transcripts`` of :func:`mtser.files.cache_folder` under the audio's bytes, the language and the
    transcriber's settings.

    Parameters
    ----------
    transcriber
        Recognises one file after the other; it uses all cores by itself.
    spoken
        Id → audio file and language.
    infos
        Id → what is known of the audio.
    progress
        Whether to show a progress bar with the time left.

    Returns
    -------
    dict
        Id → text; empty where nobody speaks.
    """
    settings = json.dumps(transcriber.settings(), sort_keys=True)
    file = cache_folder() / "transcripts" / f"{hashlib.sha256(settings.encode()).hexdigest()[:32]}.json"
    try:
        remembered: dict[str, str] = dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        remembered = {}
    keys = {id: f"{infos[id].sha256} {language}" for id, (_, language) in spoken.items()}
    waiting = {keys[id]: one for id, one in spoken.items() if keys[id] not in remembered}
    saved = time.monotonic()
    try:
        bar = progress_bar(
            waiting.items(), total=len(waiting), desc="Recognising speech", unit="file", show=progress and bool(waiting)
        )
        for key, (path, language) in bar:
            remembered[key] = transcriber.transcribe(read_audio(path), language).text
            if time.monotonic() - saved > _SAVE_EVERY:
                write_text(file, json.dumps(remembered, ensure_ascii=False))
                saved = time.monotonic()
    finally:
        if waiting:
            write_text(file, json.dumps(remembered, ensure_ascii=False))
    return {id: remembered[key] for id, key in keys.items()}
