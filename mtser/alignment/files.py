"""Aligners that compute nothing: times from files beside the audio, and times that are shared out evenly."""

import copy
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mtser.alignment.aligner import Aligner
from mtser.alignment.matching import match_words
from mtser.alignment.sphinx_segmentation import read_segmentation, spoken_words
from mtser.alignment.text_grid import read_text_grid
from mtser.alignment.word import Phone, Word
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

    def align_within(self, path: Path, duration: float, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Share out the time of whole samples at 16 kHz."""
        return share_evenly(words, math.ceil(duration * SAMPLE_RATE - 1e-6) / SAMPLE_RATE)

    def settings(self) -> dict[str, Any]:
        """Nothing but its name."""
        return {"class": "EvenAligner", "version": 1}


@dataclass(frozen=True, slots=True)
class Origin:
    """The recording that an audio file is a copy, the sound or a part of: the file of its times is named like that.

    Parameters
    ----------
    recording
        The audio or video.
    start, end
        In seconds: which part of it; ``end`` is None for its end.
    """

    recording: Path
    start: float = 0.0
    end: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is no part."""
        return self.start == 0.0 and self.end is None


class FileAligner(Aligner):
    """Times from a folder of files, found by the name of the audio: ``talk.wav`` → ``talk.TextGrid``.

    Parameters
    ----------
    folder
        It and its sub-folders hold Praat TextGrids or ``.wdseg`` files of Sphinx. Where several have the same name, the
        one counts whose folders are most like those of the audio. Where several recordings have the same name (see
        :meth:`among`), one counts for that alone whose folders are most like its own; where none is, for none.

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
        self._origins: Mapping[Path, Origin] = {}

    def among(self, origins: Mapping[Path, Origin]) -> "FileAligner":
        """The same aligner, which also knows all recordings of a corpus, so that none gets the times of another.

        Parameters
        ----------
        origins
            Audio file → what it was made of. What is known of a file already stays.

        Example
        -------
        >>> import tempfile
        >>> from mtser.alignment.text_grid import write_text_grid
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = write_text_grid(folder / "s1" / "a.TextGrid", [Word("oh", 0.1, 0.3)], 1.0)
        >>> both = [Path("wav/s1/a.wav"), Path("wav/s2/a.wav")]
        >>> aligner = FileAligner(folder).among({one: Origin(one) for one in both})
        >>> aligner.align_within(both[0], 1.0, [])
        (Word(word='oh', start=0.1, end=0.3),)
        >>> aligner.align_within(both[1], 1.0, [])  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        mtser.alignment.word_times.UnusableAlignmentError: wav/s2/a.wav: ... is as much or more that of ...
        """
        _ = self._files  # looked for once, not in every copy
        found = copy.copy(self)
        found.__dict__.pop("_namesakes", None)
        found.__dict__.pop("_root", None)
        found._origins = {**origins, **self._origins}
        return found

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

    def align_within(self, path: Path, duration: float, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Read the times for audio of so many seconds; of a part, those of its recording that lie in it.

        Raises
        ------
        UnusableAlignmentError
            "no alignment" if there is no file or it may be that of another recording, "words differ from the
            transcript", or what is wrong with the file.
        """
        origin = self._origins.get(path, Origin(path))
        file = self._file_of(origin.recording)
        whole = duration if origin.is_whole else math.inf  # how long the recording lasts was found out when it was cut
        found = read_text_grid(file, whole) if file.suffix.lower() == ".textgrid" else _read_wdseg(file, whole)
        if not origin.is_whole:
            found = _part(found, origin.start, duration, file)
        return match_words(found, words, file)

    def settings(self) -> dict[str, Any]:
        """Its folder."""
        return {"class": "FileAligner", "version": 2, "folder": str(self.folder)}

    def _file_of(self, recording: Path) -> Path:
        """The file that is that of a recording, and of no other."""
        candidates = self._files.get(recording.stem, [])
        if not candidates:
            expected = f"no {recording.stem}.TextGrid or .wdseg in {self.folder}"
            raise UnusableAlignmentError("no alignment", f"{recording}: {expected}")
        alike = [self._likeness(one, recording) for one in candidates]
        like = max(alike)
        file, *others = (one for one, its in zip(candidates, alike, strict=True) if its == like)
        advice = "put each into folders that are called like those of its audio"
        for one in others:
            if one.suffix.lower() == file.suffix.lower() and one.parent != file.parent:
                raise UnusableAlignmentError("no alignment", f"{recording}: both {file} and {one} may be its: {advice}")
        for other in self._namesakes.get(recording.stem, ()):
            if other != _absolute(recording) and self._likeness(file, other) >= like:
                found = f"{recording}: {file} is as much or more that of {other}: {advice}"
                raise UnusableAlignmentError("no alignment", found)
        return file

    def _likeness(self, file: Path, recording: Path) -> tuple[int, bool]:
        """How many folders at their ends they share, and whether both lie at the same place below the common ones."""
        folders, place = file.parts[:-1], _absolute(recording).parts[:-1]
        below = folders[len(self.folder.parts) :]
        return _shared(folders, place), self._root is not None and place == self._root + below

    @cached_property
    def _namesakes(self) -> dict[str, set[Path]]:
        """All recordings by their stem."""
        found: dict[str, set[Path]] = {}
        for origin in self._origins.values():
            found.setdefault(origin.recording.stem, set()).add(_absolute(origin.recording))
        return found

    @cached_property
    def _root(self) -> tuple[str, ...] | None:
        """The parts of the folder that all recordings lie in, if there is one."""
        folders = {one.parent for ones in self._namesakes.values() for one in ones}
        try:
            return Path(os.path.commonpath(folders)).parts if folders else None
        except ValueError:  # on several drives of Windows
            return None

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


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many folders at their ends two places share."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _part(words: Sequence[Word], start: float, duration: float, file: Path) -> tuple[Word, ...]:
    """The words whose middle lies in a part of a recording, cut to it and in its time."""

    def inside(one: Word | Phone) -> bool:
        return start <= (one.start + one.end) / 2 < start + duration

    def time(of_recording: float) -> float:
        return round(min(max(of_recording - start, 0.0), duration), 6)  # 1.546, not 1.5459999999999998

    found = []
    for word in filter(inside, words):
        phones = tuple(Phone(one.phone, time(one.start), time(one.end)) for one in filter(inside, word.phones))
        found.append(Word(word.word, time(word.start), time(word.end), phones))
    if not found:
        where = f"{file}: between {start:.3f} and {start + duration:.3f} s"
        raise UnusableAlignmentError("no words in the alignment", where)
    return tuple(found)


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))
