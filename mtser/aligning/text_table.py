"""What is said in recordings, from a table that a user wrote."""

import os
import unicodedata
import warnings
from pathlib import Path, PurePath

from mtser.errors import ConfigError, CorpusError
from mtser.text_tables import read_table


class TextTable:
    r"""A CSV or TSV file with the columns ``file`` and ``text``; others may be there.

    A recording is named by its path, as it is given to the command or relative to the table, or by the end of its path:
    its name, or some of the folders before it, too. The suffix may be left out.

    Parameters
    ----------
    path
        The file; fields are divided by tabs, commas or semicolons, as in its first line.

    Raises
    ------
    ConfigError
        If it cannot be read, lacks a column, or names a recording twice.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "texts.csv"
    >>> _ = file.write_text('file,text\na.wav,"Oh,  no."\n')
    >>> TextTable(file).of("calls/a.wav")
    'Oh, no.'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._texts: dict[str, str] = {}
        try:
            for line, row in read_table(path, ("file", "text"), ignore_case=True):
                name = _name(row["file"])
                if name in self._texts:
                    raise ConfigError(f"{path}:{line}: {row['file']!r} stands there twice.")
                if row["file"]:
                    self._texts[name] = " ".join(row["text"].split())
        except CorpusError as error:
            raise ConfigError(str(error)) from error
        self._unused = set(self._texts)

    def of(self, path: str | Path) -> str | None:
        """The text of a recording, which may be empty; None if the table does not name it."""
        whole = PurePath(_name(str(path)))
        ends = [PurePath(*whole.parts[n:]) for n in range(1, len(whole.parts))]
        for name in (whole, *_relative(whole, self.path.parent), *ends):
            for written in (str(name), str(name.with_suffix("")) if name.name else ""):
                if written in self._texts:
                    self._unused.discard(written)
                    return self._texts[written]
        return None

    def warn_of_unused(self) -> None:
        """Tell which of its recordings nobody asked for: their names may be misspelt."""
        if self._unused:
            names = sorted(self._unused)
            missing = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            warnings.warn(
                f"{self.path}: {len(names)} of its files were not among the recordings: {missing}.", stacklevel=2
            )


def _name(path: str) -> str:
    """A path as it is compared: file systems write a letter with an accent as one character, or as two (macOS)."""
    return unicodedata.normalize("NFC", os.path.normpath(path))


def _relative(path: PurePath, folder: Path) -> list[PurePath]:
    """A path as seen from a folder; none from another drive."""
    try:
        return [PurePath(_name(os.path.relpath(path, folder)))]
    except ValueError:
        return []
