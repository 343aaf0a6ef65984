"""The folder that ``mtser align`` fills, and what of it is its own."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mtser.aligning import summary
from mtser.aligning.outcome import Outcome
from mtser.aligning.recordings import Recording
from mtser.alignment import Word
from mtser.alignment.text_grid import write_text_grid
from mtser.errors import ConfigError, MtserError
from mtser.files import write_text
from mtser.transcription import Segment
from mtser.unfinished import remove_leftovers

NOTE = "align.jsonl"
_FIRST_LINE = json.dumps({"made_by": "mtser align"})
_BEING_WRITTEN = ""


class ResultFolder:
    """TextGrids in the places of recordings, and a summary.

    Nothing is overwritten that mtser has not written itself. :data:`NOTE` tells what it has: a line for each TextGrid,
    with the hash of what was written, by which one that somebody has corrected is known, too. Of a folder without the
    note (older versions wrote none), those recordings have a TextGrid of mtser that its summary says have times.

    Parameters
    ----------
    folder
        Made if it does not exist.
    recordings
        All that will be written about.

    Raises
    ------
    ConfigError
        If a file is there in place of which another would be written.

    Example
    -------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.TextGrid").write_text("made by hand")
    >>> ResultFolder(folder, [Recording(Path("talks/a.wav"), Path("a"))])
    Traceback (most recent call last):
    mtser.errors.ConfigError: ...a.TextGrid: mtser align has not written it; choose another --out.
    """

    def __init__(self, folder: Path, recordings: Sequence[Recording]) -> None:
        self.folder = folder
        noted = _read_note(folder / NOTE)
        self._written = self._told_by_summary(recordings) if noted is None else noted
        foreign = [] if noted is not None or not os.path.lexists(folder / NOTE) else [NOTE]
        if os.path.lexists(folder / summary.FILE) and summary.files_with_times(folder) is None:
            foreign.append(summary.FILE)
        foreign += [name for name in map(_name, recordings) if not self._may_write(name)]
        if foreign:
            raise ConfigError(self._refusal(foreign[0], len(foreign)))

    def begin(self) -> None:
        """Make the folder, before there is much work to lose.

        Raises
        ------
        MtserError
            If the folder cannot be written.
        """
        if (self.folder / NOTE).exists():
            remove_leftovers(self.folder, below=True)
        lines = [_line(name, digest) for name, digest in self._written.items() if digest is not None]
        write_text(self.folder / NOTE, "".join(f"{line}\n" for line in (_FIRST_LINE, *lines)))

    def write(
        self, recording: Recording, words: Sequence[Word], duration: float, segments: Sequence[Segment] = ()
    ) -> None:
        """Write the TextGrid of a recording.

        Parameters
        ----------
        recording
            One of those that were told at the start.
        words
            With times.
        duration
            Of the audio, in seconds.
        segments
            What was transcribed, if it was: a tier of its own.

        Raises
        ------
        MtserError
            If it cannot be written, or somebody else has written there meanwhile.
        """
        name = _name(recording)
        if not self._may_write(name):
            raise MtserError(self._refusal(name, 1))
        self._note(name, _BEING_WRITTEN)
        tier = {"segments": [(one.start, one.end, one.text) for one in segments]} if segments else None
        self._note(name, _digest(write_text_grid(self.folder / name, words, duration, tier)))

    def remove(self, recording: Recording) -> None:
        """Remove the TextGrid that a recording had from mtser, since its words are no longer known.

        Raises
        ------
        MtserError
            If it cannot be removed.
        """
        name = _name(recording)
        file = self.folder / name
        if self._written.get(name) is None or not self._may_write(name):
            return
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise MtserError(f"{file}: cannot be removed ({error.strerror}); it is out of date, remove it.") from error
        self._note(name, None)

    def finish(self, outcomes: Iterable[Outcome]) -> None:
        """Write the summary."""
        summary.write_summary(self.folder, list(outcomes))

    def _may_write(self, name: str) -> bool:
        """Whether a file is as it was written here, or not there."""
        file = self.folder / name
        if not os.path.lexists(file):
            return True
        written = self._written.get(name)
        return written == _BEING_WRITTEN or (written is not None and written == _digest(file))

    def _refusal(self, name: str, n_files: int) -> str:
        is_changed = self._written.get(name) is not None
        why = "it was changed since mtser align wrote it" if is_changed else "mtser align has not written it"
        more = f" (the first of {n_files} such files)" if n_files > 1 else ""
        return f"{self.folder / name}: {why}{more}; choose another --out."

    def _note(self, name: str, digest: str | None) -> None:
        self._written[name] = digest
        try:
            with (self.folder / NOTE).open("a", encoding="utf-8") as file:
                file.write(f"{_line(name, digest)}\n")
        except OSError as error:
            raise MtserError(f"{self.folder / NOTE}: cannot be written ({error.strerror}).") from error

    def _told_by_summary(self, recordings: Iterable[Recording]) -> dict[str, str | None]:
        """The TextGrids of a folder without a note."""
        with_times = {os.path.abspath(file) for file in summary.files_with_times(self.folder) or ()}
        names = [_name(one) for one in recordings if _as_in_summary(one.path) in with_times]
        return {name: _digest(self.folder / name) for name in names}


def _name(recording: Recording) -> str:
    return f"{recording.place.as_posix()}.TextGrid"


def _as_in_summary(path: Path) -> str:
    return os.path.abspath(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _digest(file: Path) -> str | None:
    """The hash of a file's bytes; None if it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def _line(name: str, digest: str | None) -> str:
    return json.dumps({"file": name, "sha256": digest})


def _read_note(file: Path) -> dict[str, str | None] | None:
    """Names and hashes of the files that mtser has written; None if there is no note of it."""
    try:
        first, *lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return None
    if first != _FIRST_LINE:
        return None
    written: dict[str, str | None] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            written[entry["file"]] = entry["sha256"]
        except (ValueError, TypeError, KeyError):  # the last line, of a process that was killed
            continue
    return written
