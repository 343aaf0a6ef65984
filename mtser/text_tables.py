"""Tables of corpora as text: CSV and TSV files whose encoding and separator nobody has noted down."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import zip_longest
from pathlib import Path

from mtser.errors import CorpusError
from mtser.text_files import read_text

_BLANKS = " \t\r\n\xa0"  # str.strip would also take control characters, which may be letters read as Latin-1
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tabulator"}
_TOLD = re.compile(r'"?sep=([^"\n])"?\n', re.IGNORECASE)  # the line that tells Excel the separator
_WORKBOOKS = ("PK\x03\x04", "ÐÏ\x11à")  # the first bytes of .xlsx and .xls, as text
_LONGEST_HEADER = 200  # characters of one that are shown: the file may hold anything

Row = tuple[int, dict[str, str]]
"""The line of the file that the row ends on, counted from 1, and its fields by column."""

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
    optional: Sequence[str] = (),
    delimiter: str | None = None,
    csv_field_limit: int = 1 << 24,
    ignore_case: bool = False,
    long_row: Callable[[int, str], None] | None = None,
) -> Iterator[Row]:
    r"""Read the rows of a table with a header.

    Blanks around names and fields are left out, a field that a row lacks is empty, and rows of empty fields are none.
    A letter with an accent is one character, however the file writes it (Unicode's NFC).

    Parameters
    ----------
    path
        The file.
    columns
        Those that have to be there; others are given, too, one without a name as "" (behind the last name: none).
    optional
        Others that mean something: these, too, must not stand there twice.
    delimiter
        Between fields; default: the comma, semicolon or tabulator that the header has most of. A line ``sep=;`` before
        the header overrules it.
    csv_field_limit
        The longest field, in characters: one that is longer lacks its closing quotation mark.
    ignore_case
        Whether the names of columns may be written in capitals; all are given in lower case then.
    long_row
        Is told the line of each row with more fields than the header, and what is wrong with it: such a row is left
        out, since an unquoted comma shifts the fields behind it. Default: it is an error.

    Raises
    ------
    CorpusError
        If the file cannot be read, is no table, lacks a column or has it twice, or has a row with too many fields.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = file.write_text("file;label\na.wav;joy\n\nb.wav\n")
    >>> list(read_table(file, ["file", "label"]))
    [(2, {'file': 'a.wav', 'label': 'joy'}), (4, {'file': 'b.wav', 'label': ''})]
    """
    text = read_text(path)
    if text.startswith(_WORKBOOKS):
        raise CorpusError(f"{path}: is an Excel workbook; save it as CSV UTF-8, and give that file.")
    n_before = 0  # lines before the header
    if told := _TOLD.match(text):
        delimiter, text, n_before = told[1], text[told.end() :], 1
    separators = _SEPARATORS.get(delimiter, repr(delimiter)) if delimiter else "comma, semicolon or tabulator"
    delimiter = delimiter or max(_SEPARATORS, key=text.partition("\n")[0].count)
    separator = _SEPARATORS.get(delimiter, repr(delimiter))
    rows: list[Row] = []
    limit_before = csv.field_size_limit(csv_field_limit)  # it is one for the whole process
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        if begin := _never_closed(text, delimiter):
            if delimiter != "\t":
                line = begin + n_before
                raise CorpusError(f"{path}:{line}: a quotation mark is opened in this row and never closed.")
            # Between tabulators it is one of the text.
            reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        names = _fields(next(reader, []))
        _check_names(path, names, columns, optional, ignore_case, separators)
        if ignore_case:
            names = [name.lower() for name in names]
        n_read, raw = reader.line_num, list[str]()
        for row in reader:
            begin, n_read = n_read + 1 + n_before, reader.line_num
            line, fields = reader.line_num + n_before, _fields(row)
            if any("\n" in field for field in row):
                raw = raw or list(io.StringIO(text, newline=""))
                _refuse_swallowed(raw[begin - n_before - 1 : reader.line_num], delimiter, f"{path}:{begin}")
            if len(fields) > len(names):
                found = f"has {len(fields)} fields, its header names {len(names)}"
                problem = f"{found}; put texts with a {separator} in quotation marks, or name the column"
                if long_row is None:
                    raise CorpusError(f"{path}:{line}: {problem}.")
                long_row(line, problem)
            elif fields:
                rows.append((line, dict(zip_longest(names, fields, fillvalue=""))))
    except csv.Error as error:
        raise CorpusError(f"{path}:{reader.line_num + n_before}: is no table ({error}).") from error
    finally:
        csv.field_size_limit(limit_before)
    yield from rows


def _refuse_swallowed(lines: Sequence[str], delimiter: str, place: str) -> None:
    """Refuse a row of several lines that has a quotation mark where a field can neither begin nor end."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CorpusError(
            f"{place}: a quotation mark is opened in this row and closed in a later one, so the rows between would be "
            "lost; close it, or double it where it belongs to the text."
        ) from error


def _fields(row: Sequence[str]) -> list[str]:
    """The fields of a row up to the last that is not empty."""
    # One by one: of a whole table NFC would make separators, since the Greek question mark is a semicolon.
    fields = [unicodedata.normalize("NFC", field.strip(_BLANKS)) for field in row]
    while fields and not fields[-1]:
        fields.pop()
    return fields


def _check_names(
    path: str | Path,
    names: Sequence[str],
    columns: Sequence[str],
    optional: Sequence[str],
    ignore_case: bool,
    separators: str,
) -> None:
    def same(name: str) -> str:
        return name.lower() if ignore_case else name

    by_name: dict[str, list[str]] = {}
    for name in names:
        by_name.setdefault(same(name), []).append(name)
    for name in columns:
        if same(name) not in by_name:
            there = _shown(", ".join(filter(None, names))) or "nothing"
            if len(names) == 1:
                there += f" without a {separators} between fields"
                if Path(path).suffix.lower() == ".tsv":
                    there += " (call the file .csv if others separate them)"
            near = get_close_matches(same(name), by_name, n=1)
            nearest = f"; the nearest is {by_name[near[0]][0]!r}" if near else ""
            raise CorpusError(f"{path}: has no column {name!r}; its header has {there}{nearest}.")
    for name in (*columns, *optional):
        if len(found := by_name.get(same(name), [])) > 1:
            raise CorpusError(
                f"{path}: has {len(found)} columns {name!r} ({', '.join(found)}); give all but one of them other names."
            )


def _shown(text: str) -> str:
    """The text on one line of a message: control characters are escaped, and its end is cut off where it is long."""
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[:_LONGEST_HEADER])
    return shown if len(text) <= _LONGEST_HEADER else f"{shown} ..."
