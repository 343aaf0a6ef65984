"""Tables of corpora as text: CSV and TSV files whose encoding and separator nobody has noted down."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from mtser.errors import CorpusError
from mtser.text_files import read_text

_BLANKS = " \t\r\n\xa0"  # str.strip would also take control characters, which may be letters read as Latin-1

Row = tuple[int, dict[str, str]]
"""The line of the file that the row ends on, counted from 1, and its fields by column."""


def _reader(text: str, delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> csv.DictReader:
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restval="", quoting=quoting)


_LAST = "\x1e"  # a row of its own behind the table, if all quotation marks are closed


def _never_closed(text: str, delimiter: str) -> int | None:
    """The line of the row that swallows the rest of a table; of one with tabulators, another line already."""
    reader = csv.reader(io.StringIO(f"{text}\n{_LAST}\n", newline=""), delimiter=delimiter)
    begin = 1
    for row in reader:
        if row == [_LAST]:
            return None
        if _LAST in "".join(row) or (delimiter == "\t" and any("\n" in field for field in row)):
            return begin
        begin = reader.line_num + 1
    return None


def read_table(
    path: str | Path,
    columns: Sequence[str],
    *,
    delimiter: str | None = None,
    csv_field_limit: int = 1 << 24,
    ignore_case: bool = False,
) -> Iterator[Row]:
    r"""Read the rows of a table with a header.

    Blanks around names and fields are left out, a field that a row lacks is empty, and rows of empty fields are none.

    Parameters
    ----------
    path
        The file.
    columns
        Those that have to be there; others are given, too, one without a name as "".
    delimiter
        Between fields; default: the comma, semicolon or tabulator that the header has most of.
    csv_field_limit
        The longest field, in characters: one that is longer lacks its closing quotation mark.
    ignore_case
        Whether the names of columns may be written in capitals; all are given in lower case then.

    Raises
    ------
    CorpusError
        If the file cannot be read, is no table, or lacks a column.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text("file;label\na.wav;joy\n\nb.wav\n")
    >>> list(read_table(file, ["file", "label"]))
    [(2, {'file': 'a.wav', 'label': 'joy'}), (4, {'file': 'b.wav', 'label': ''})]
    """
    text = read_text(path)
    header = text.partition("\n")[0]
    delimiter = delimiter or max(",;\t", key=header.count)
    rows: list[Row] = []
    limit_before = csv.field_size_limit(csv_field_limit)  # it is one for the whole process
    reader = _reader(text, delimiter)
    try:
        if begin := _never_closed(text, delimiter):
            if delimiter != "\t":
                raise CorpusError(f"{path}:{begin}: a quotation mark is opened in this row and never closed.")
            reader = _reader(text, delimiter, csv.QUOTE_NONE)  # between tabulators it is one of the text
        names = [name.strip(_BLANKS) for name in reader.fieldnames or ()]
        reader.fieldnames = [name.lower() for name in names] if ignore_case else names
        if missing := [name for name in columns if name not in reader.fieldnames]:
            there = ", ".join(filter(None, reader.fieldnames)) or "nothing"
            raise CorpusError(f"{path}: has no column {missing[0]!r}; its header has {there}.")
        for row in reader:
            fields = {name: (value or "").strip(_BLANKS) for name, value in row.items() if name is not None}
            if any(fields.values()):
                rows.append((reader.line_num, fields))
    except csv.Error as error:
        raise CorpusError(f"{path}:{reader.line_num}: is no table ({error}).") from error
    finally:
        csv.field_size_limit(limit_before)
    yield from rows
