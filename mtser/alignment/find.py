"""Aligners by name, as a command line gives them."""

from pathlib import Path

from mtser.alignment.aligner import Aligner
from mtser.alignment.files import EvenAligner, FileAligner
from mtser.configuration.dotted_path import made_by_path
from mtser.errors import ConfigError

KINDS = (
    "pocketsphinx, ctc:MODEL, even, a folder of TextGrid or .wdseg files, or a class of yours (package.module.Class)"
)
"""What there is, for help and errors."""


def find_aligner(name: str) -> Aligner:
    """The aligner of a name.

    Parameters
    ----------
    name
        "pocketsphinx" (English), "ctc:MODEL" (a local folder, a model of the Hugging Face hub or a bundle of
        torchaudio), "even", a folder of files named like the audio (Praat TextGrid or Sphinx .wdseg), or a dotted path
        to an :class:`~mtser.alignment.Aligner` of yours that needs no arguments.

    Raises
    ------
    ConfigError
        If there is none of that name.

    Example
    -------
    >>> find_aligner("even").name
    'even shares'
    >>> find_aligner("pocketsphynx")
    Traceback (most recent call last):
    mtser.errors.ConfigError: there is no aligner 'pocketsphynx'; there are pocketsphinx, ctc:MODEL, even, a folder ...
    """
    kind, colon, model = name.partition(":")
    if name == "pocketsphinx":
        from mtser.alignment.sphinx import SphinxAligner

        return SphinxAligner()
    if kind == "ctc" and colon:
        from mtser.alignment.ctc import CtcAligner

        return CtcAligner(model)
    if name == "even":
        return EvenAligner()
    folder = Path(name).expanduser()
    if folder.is_dir():
        return FileAligner(folder)
    if folder.name != name or folder.exists():  # it looks like a path
        missing = "it is no folder" if folder.exists() else "there is no such folder"
        raise ConfigError(f"there is no aligner {name!r}: {missing}; there are {KINDS}.")
    return made_by_path(name, Aligner, f"there is no aligner {name!r}; there are {KINDS}.")
