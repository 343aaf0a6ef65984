"""Transcribers by name, as a command line gives them."""

import warnings

from mtser.configuration.dotted_path import made_by_path
from mtser.errors import MtserError
from mtser.transcription.sphinx import SphinxTranscriber
from mtser.transcription.transcriber import Transcriber
from mtser.transcription.whisper import DEFAULT_MODEL, WhisperTranscriber

KINDS = "faster-whisper, faster-whisper:MODEL_OR_FOLDER, pocketsphinx, or a class of yours (package.module.Class)"
"""What there is, for help and errors."""


def find_transcriber(name: str | None = None) -> Transcriber:
    """The transcriber of a name, ready for work.

    Parameters
    ----------
    name
        "faster-whisper" (its model "small"), "faster-whisper:MODEL" (a model's name, or a local folder), "pocketsphinx"
        (English; weak, without download), or a dotted path to a :class:`~mtser.transcription.Transcriber` of yours that
        needs no arguments. None: faster-whisper; where its model cannot be loaded, pocketsphinx, with a warning.

    Raises
    ------
    ConfigError
        If there is none of that name.
    ModelError
        If the model that was asked for cannot be loaded.

    Example
    -------
    >>> find_transcriber("pocketsphinx").name
    'pocketsphinx en-us'
    >>> find_transcriber("vosk")
    Traceback (most recent call last):
    mtser.errors.ConfigError: there is no transcriber 'vosk'; there are faster-whisper, ...
    """
    if name is None:
        return _default()
    kind, colon, model = name.partition(":")
    if kind == "faster-whisper" and (model or not colon):
        whisper = WhisperTranscriber(model or DEFAULT_MODEL)
        whisper.load()
        return whisper
    if name == "pocketsphinx":
        return SphinxTranscriber()
    found: Transcriber = made_by_path(name, Transcriber, f"there is no transcriber {name!r}; there are {KINDS}.")
    return found


def _default() -> Transcriber:
    whisper = WhisperTranscriber()
    try:
        whisper.load()
    except MtserError as error:
        warnings.warn(
            f"The default transcriber cannot be used: {error} pocketsphinx is taken in its place: it understands "
            "English only, and errs much more. With a model in a folder it is faster-whisper:FOLDER.",
            stacklevel=3,
        )
        return SphinxTranscriber()
    return whisper
