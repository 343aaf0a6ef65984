"""The table of a corpus of one's own: its rows, and what is wrong with the others."""

import math
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mtser.corpora.clip_sound import Clip
from mtser.corpora.corpus import Skipped
from mtser.corpora.custom_files import NamedFiles
from mtser.corpora.utterance import ATTRIBUTES
from mtser.errors import ConfigError, CorpusError
from mtser.text_tables import read_table

COLUMNS = (
    *("file", "label", "text", "speaker", "group", "start", "end", "split", "language", "id"),
    *ATTRIBUTES,
    *("dialog", "dialog_start"),
)
"""The columns that mean something; all but the first two are optional."""

PARTITIONS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "valid": "dev",
    "val": "dev",
    "validation": "dev",
    "development": "dev",
    "devel": "dev",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
}
"""What a part of the corpus may be called in the column ``split``."""


@dataclass(frozen=True, slots=True)
class CustomRow:
    """A row of the table that can be used as far as its text goes.

    Parameters
    ----------
    id
        Of the utterance.
    path, exists
        Its audio file, and whether there is one.
    start, end
        Which part of it, in seconds; None: from the beginning, to the end.
    fields
        By the names in :data:`COLUMNS`.
    source
        The table and the line.
    """

    id: str
    path: Path
    exists: bool
    start: float | None
    end: float | None
    fields: Mapping[str, str]
    source: str

    def audio(self) -> Path | Clip:
        """The file, or the part of it."""
        return self.path if self.start is None and self.end is None else Clip(self.path, self.start, self.end)


def read_custom_table(
    table: Path, columns: Mapping[str, str] | None = None
) -> tuple[list[CustomRow], list[Skipped], frozenset[str]]:
    """Read the rows of a table.

    Parameters
    ----------
    table
        The file; one that ends in .tsv has tabulators between its fields.
    columns
        What it calls its columns, where that differs; each of these has to be there. Upper and lower case are the same.

    Returns
    -------
    rows
        Those that can be used so far.
    skipped
        The others.
    present
        Which of :data:`COLUMNS` there are.

    Raises
    ------
    ConfigError
        If ``columns`` is no such mapping.
    CorpusError
        If the table cannot be read, lacks a column or has one twice, or no row has a file and a label.
    """
    required = _required(columns)
    names = {name: unicodedata.normalize("NFC", required.get(name, name)).strip() for name in COLUMNS}
    taken = {names[name].lower() for name in required}
    names = {name: own for name, own in names.items() if name in required or own.lower() not in taken}
    rows: list[CustomRow] = []
    skipped: list[Skipped] = []
    present: set[str] = set()

    def skip_long(line: int, problem: str) -> None:
        skipped.append(Skipped(f"{table.name}:{line}", "too many fields", f"{table.name}:{line}: {problem}"))

    found = read_table(
        table,
        [names[name] for name in required],
        optional=[name for name in names if name not in required],
        delimiter="\t" if table.suffix.lower() == ".tsv" else None,
        ignore_case=True,
        long_row=skip_long,
    )
    files = NamedFiles(table.parent)
    read: list[tuple[str, dict[str, str], str, Path, bool]] = []
    paths: dict[str, set[Path]] = defaultdict(set)  # by default id
    for line, row in found:
        fields = {name: row[own.lower()] for name, own in names.items() if own.lower() in row}
        present |= fields.keys()
        file, path, exists = files.find(fields["file"])
        paths[_default_id(os.path.splitext(file)[0], fields)].add(path)
        read.append((f"{table.name}:{line}", fields, file, path, exists))
    for source, fields, file, path, exists in read:
        id = fields.get("id") or _default_id(os.path.splitext(file)[0], fields)
        if not fields.get("id") and len(paths[id]) > 1:  # a.wav and a.mp3
            id = _default_id(file, fields)
        start, end = number(fields.get("start")), number(fields.get("end"))
        if not file:
            skipped.append(Skipped(id or source, "no file", source))
        elif not fields["label"]:
            skipped.append(Skipped(id, "no label", source))
        elif not _in_order(start, end):
            skipped.append(Skipped(id, "unreadable times", source))
        elif (split := fields.get("split", "").lower()) and split not in PARTITIONS:
            skipped.append(Skipped(id, f"unknown split {split}", source))
        else:
            rows.append(CustomRow(id, path, exists, start, end, fields, source))
    if not rows:
        counts = Counter(one.reason for one in skipped)
        reasons = ", ".join(f"{reason} ({count})" for reason, count in counts.items())
        usable = f" and can be used: {reasons}, such as {skipped[0].detail}" if skipped else ""
        raise CorpusError(f"{table}: none of its rows has a file and a label{usable}.")
    return rows, skipped, frozenset(present)


def without_repeats(rows: Sequence[CustomRow], label_map: Mapping[str, str]) -> tuple[list[CustomRow], list[Skipped]]:
    """The rows of which each has audio of its own, and the others.

    Of several with the same audio and the same class the first is kept; where classes differ none can be trusted.
    """
    labels: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for row in rows:
        labels[_audio(row)].add(label_map.get(row.fields["label"], row.fields["label"]))
    kept: dict[tuple[object, ...], CustomRow] = {}
    others = []
    for row in rows:
        if len(labels[_audio(row)]) > 1:
            detail = f"{row.source}: {row.fields['label']}"
            others.append(Skipped(row.id, "repeated utterance with another label", detail))
        elif (first := kept.setdefault(_audio(row), row)) is not row:
            detail = f"{row.source}: the audio of {first.source}"
            others.append(Skipped(row.id, "repeated utterance (the first is kept)", detail))
    return list(kept.values()), others


def _audio(row: CustomRow) -> tuple[object, ...]:
    return row.path, row.start or 0.0, row.end


def _required(columns: Mapping[str, str] | None) -> dict[str, str]:
    """What the table calls those columns that it has to have."""
    if columns is not None and (
        not isinstance(columns, Mapping) or not all(isinstance(name, str) for name in columns.values())
    ):
        raise ConfigError(
            f"columns is {columns!r}; it has to map columns to their names in the table: {{label: emotion}}."
        )
    if unknown := [name for name in columns or {} if name not in COLUMNS]:
        raise ConfigError(f"columns names {unknown[0]!r}; there are {', '.join(COLUMNS)}.")
    return {"file": "file", "label": "label"} | dict(columns or {})


def _default_id(name: str, fields: Mapping[str, str]) -> str:
    """The file's path, with the times of a part."""
    part = "-".join(time for time in (fields.get("start"), fields.get("end")) if time)
    path = Path(name).as_posix() if name else ""
    return f"{path}@{part}" if part else path


def number(text: str | None) -> float | None:
    """The number of a field; None for an empty one, NaN for what is no number.

    Example
    -------
    >>> number("2.5"), number("2,5"), number(""), number("high")
    (2.5, 2.5, None, nan)
    """
    if not text:
        return None
    try:
        return float(text if "." in text else text.replace(",", ".", 1))  # a comma, as in German tables
    except ValueError:
        return math.nan


def _in_order(start: float | None, end: float | None) -> bool:
    first = 0.0 if start is None else start
    return 0 <= first < (math.inf if end is None else end)  # false for NaN
