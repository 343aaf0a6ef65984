"""Aligners that compute nothing: times from files beside the audio, and times that are shared out evenly."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.matching import match_words
from mtser.alignment.sphinx_segmentation import read_segmentation, spoken_words
from mtser.alignment.text_grid import read_text_grid
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.audio.index import inspect_audio
from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import ConfigError
from mtser.files import walk

SUFFIXES = (".textgrid", ".wdseg")
"""The files that are read, by their suffix in lower case; the first wins where a word has both."""


class EvenAligner(Aligner):
    """Every word gets the same share of the audio: for want of anything better, and to see what an aligner is worth."""

    name = "even shares"
    is_remembered = False

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Share out the time."""
        return share_evenly(words, len(samples) / SAMPLE_RATE)

    def settings(self) -> dict[str, Any]:
        """Nothing but its name."""
        return {"class": "EvenAligner", "version": 1}


class FileAligner(Aligner):
    """Times from a folder of files, found by the name of the audio: ``talk.wav`` → ``talk.TextGrid``.

    Parameters
    ----------
    folder
        It and its sub-folders hold Praat TextGrids or ``.wdseg`` files of Sphinx. Where several have the same name, the
        one counts whose folders are most like those of the audio.

    Example
    -------
    >>> import tempfile
    >>> from mtser.alignment.text_grid import write_text_grid
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = write_text_grid(folder / "Talk" / "a.TextGrid", [Word("oh", 0.1, 0.3), Word("no", 0.3, 0.8)], 1.0)
    >>> FileAligner(folder).align_within(Path("Talk/a.wav"), 1.0, ["Oh", "no"])
    (Word(word='Oh', start=0.1, end=0.3), Word(word='no', start=0.3, end=0.8))
    """

    is_remembered = False
    knows_words = True

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    @property
    def name(self) -> str:  # type: ignore[override]
        """The folder."""
        return f"files in {self.folder}"

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Refused: files are found by the name of the audio, which samples do not have.

        Raises
        ------
        ConfigError
            Always.
        """
        raise ConfigError(f"{self.name} fit audio files, not a recording without a name; choose another aligner.")

    def align_file(self, path: Path, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Read the times of an audio file; without words, those of the file are taken."""
        return self.align_within(path, inspect_audio(path).duration, words)

    def align_within(self, path: Path, duration: float, words: Sequence[str]) -> tuple[Word, ...]:
        """Read the times for audio of so many seconds.

        Raises
        ------
        UnusableAlignmentError
            "no alignment" if there is no file, "words differ from the transcript", or what is wrong with the file.
        """
        candidates = self._files.get(path.stem, [])
        if not candidates:
            raise UnusableAlignmentError("no alignment", f"{path}: no {path.stem}.TextGrid or .wdseg in {self.folder}")
        # The latest of equals wins, so the first in order of suffix and name comes last.
        file = max(reversed(candidates), key=lambda one: _shared(one.parent, path.parent))
        found = read_text_grid(file, duration) if file.suffix.lower() == ".textgrid" else _read_wdseg(file, duration)
        return match_words(found, words, file)

    def settings(self) -> dict[str, Any]:
        """Its folder."""
        return {"class": "FileAligner", "version": 1, "folder": str(self.folder)}

    @cached_property
    def _files(self) -> dict[str, list[Path]]:
        """All files by their stem."""
        if not self.folder.is_dir():
            raise ConfigError(f"{self.folder}: no such folder of alignments.")
        found: dict[str, list[Path]] = {}
        for folder, _, names in walk(self.folder):
            for name in names:
                stem, suffix = os.path.splitext(name)
                if suffix.lower() in SUFFIXES and not name.startswith("."):
                    found.setdefault(stem, []).append(Path(folder, name))
        for files in found.values():
            files.sort(key=lambda file: (SUFFIXES.index(file.suffix.lower()), str(file)))
        return found


def _read_wdseg(file: Path, duration: float) -> tuple[Word, ...]:
    return spoken_words(read_segmentation(file, file), duration, file)


def _shared(one: Path, other: Path) -> int:
    """How many folders at their ends two paths share."""
    pairs = zip(reversed(one.parts), reversed(other.parts), strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one.parts), len(other.parts)))
