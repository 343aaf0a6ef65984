"""What is said in recordings, where a user knows it."""

import csv
import io
import os
from pathlib import Path

from mtser.errors import ConfigError, CorpusError
from mtser.prediction.sources import Source
from mtser.text_files import read_text


class Texts:
    """Finds the text of a recording.

    Parameters
    ----------
    text
        Of the only recording.
    table
        A CSV file with the columns ``file`` and ``text``. A file is named by its path, as it is given to the command or
        relative to the table, or by its bare name.
    beside
        Whether ``a.txt`` holds the text of ``a.wav`` in the same folder; where there is none, the recording is
        transcribed.

    Raises
    ------
    ConfigError
        If the table cannot be read, lacks a column or has a file twice.
    """

    def __init__(self, text: str | None = None, table: Path | None = None, *, beside: bool = False) -> None:
        self._text = text
        self._beside = beside
        self._folder = table.parent if table else Path()
        self._table = _read_table(table) if table else {}
        self.unused = set(self._table)
        """Files of the table that no recording has asked for yet."""

    def of(self, source: Source) -> str | None:
        """The text of a recording; None if it is not known.

        Raises
        ------
        CorpusError
            If the file beside it cannot be read or is empty.
        """
        if self._text is not None:
            return self._text
        for name in (source.name, os.path.relpath(source.name, self._folder), os.path.basename(source.name)):
            if name in self._table:
                self.unused.discard(name)
                return self._table[name]
        if self._beside and isinstance(source.audio, Path):
            file = source.audio.with_suffix(".txt")
            if file.is_file():
                text = " ".join(read_text(file).split())
                if not text:
                    raise CorpusError(f"{file}: it holds no text; write what is said, or remove it.")
                return text
        return None


def _read_table(path: Path) -> dict[str, str]:
    try:
        rows = csv.DictReader(io.StringIO(read_text(path)))
        missing = {"file", "text"} - set(rows.fieldnames or ())
        if missing:
            raise ConfigError(
                f"{path}: it has no column {' and no column '.join(sorted(missing))}; write file,text first."
            )
        found: dict[str, str] = {}
        for number, row in enumerate(rows, start=2):
            name, text = os.path.normpath((row["file"] or "").strip()), " ".join((row["text"] or "").split())
            if name in found:
                raise ConfigError(f"{path}: line {number}: {name} is there twice.")
            if not text:
                raise ConfigError(
                    f"{path}: line {number}: {name} has no text; leave the line out to have it transcribed."
                )
            found[name] = text
    except CorpusError as error:
        raise ConfigError(str(error)) from error
    except csv.Error as error:
        raise ConfigError(f"{path}: it is no CSV table ({error}).") from error
    return found
