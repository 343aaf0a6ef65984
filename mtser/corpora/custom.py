"""A corpus of one's own: a table of audio files and their labels is all that it needs."""

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mtser.audio import AudioIndex
from mtser.checks import check_language, is_language
from mtser.corpora.choices import LabelMap
from mtser.corpora.clips import Clip
from mtser.corpora.corpus import Corpus
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import ConfigError, CorpusError
from mtser.text_files import files_by_stem
from mtser.text_tables import read_table

COLUMNS = ("file", "label", "text", "speaker", "group", "start", "end", "split", "language", "id")
"""The columns that mean something; all but the first two are optional."""

_PARTITIONS = {
    "train": "train",
    "training": "train",
    "dev": "dev",
    "valid": "dev",
    "val": "dev",
    "validation": "dev",
    "development": "dev",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table that can be used as far as its text goes."""

    id: str
    path: Path
    start: float | None
    end: float | None
    fields: Mapping[str, str]
    source: str

    def audio(self) -> Path | Clip | None:
        if not self.path.is_file():
            return None
        return self.path if self.start is None and self.end is None else Clip(self.path, self.start, self.end)


def read_custom(
    data_folder: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    label_map: LabelMap | None = None,
    language: str = "en",
    alignment: str = "pocketsphinx",
    unaligned: Literal["drop", "even"] = "drop",
    transcriber: str | None = "auto",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read a CSV or TSV file with a row for each utterance.

    Parameters
    ----------
    data_folder
        The table, or a folder that holds one.
    columns
        What the table calls its columns, where that differs: ``{file: path, label: emotion}``. The columns are ``file``
        (audio, absolute or relative to the table's folder) and ``label``; optional are ``text``, ``speaker``, ``group``
        (what ``loso`` leaves out: a session, a place), ``start`` and ``end`` (seconds; the utterance is that part of
        the file), ``split`` (train, dev, test), ``language`` and ``id``. Others are left alone.
    label_map
        The class of each label that is used, or the YAML file of such a class map; None: every label is a class.
    language
        Of the words, where there is no such column: an ISO 639-1 code.
    alignment, unaligned
        Where word times come from: see :class:`~mtser.corpora.spoken_corpus.SpokenCorpus`.
    transcriber
        What finds out the words of rows without text: "auto", or a name for
        :func:`mtser.transcription.find.find_transcriber` ("faster-whisper:MODEL", "pocketsphinx", a dotted path). None:
        they are left out.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "custom". Without a column ``speaker`` every file counts as a speaker of its own, with a warning.

    Raises
    ------
    CorpusError
        If there is no table, it lacks a column, or no row is usable.
    ConfigError
        If an option is wrong.
    """
    check_language(language)
    table = _find_table(Path(data_folder))
    names = _column_names(columns)
    rows, problems, present = _read_rows(table, names)
    labels = sorted({row.fields["label"] for row in rows} - {""})
    corpus = SpokenCorpus(
        "custom",
        _root(table, rows),
        label_map if label_map is not None else {label: label for label in labels},
        labels,
        alignment=alignment,
        unaligned=unaligned,
        transcriber=transcriber,
        audio_index=audio_index,
        progress=progress,
    )
    for id, reason, source in problems:
        corpus.skip(id, reason, source)
    for row in rows:
        get = row.fields.get
        if "speaker" in present and not get("speaker"):
            corpus.skip(row.id, "no speaker", row.source)
            continue
        spoken = get("language") or language
        if not is_language(spoken):
            corpus.skip(row.id, "unknown language", f"{row.source}: {spoken!r} is no ISO 639-1 code")
            continue
        corpus.add(
            row.id,
            row.audio(),
            label=row.fields["label"],
            speaker=get("speaker") or Path(os.path.relpath(row.path, corpus.root)).as_posix(),
            text=get("text", ""),
            language=spoken,
            source=row.source,
            session=get("group") or None,
            partition=_PARTITIONS[split.lower()] if (split := get("split")) else None,
        )
    return corpus.read("rows of the table with their audio files", default_protocol=_protocol(corpus, rows, present))


def _find_table(place: Path) -> Path:
    if place.is_file():
        return place
    if not place.is_dir():
        raise CorpusError(
            f"{place}: no such file or folder; expected a table (.csv or .tsv) with columns file and label."
        )
    tables = list(files_by_stem(place, (".csv", ".tsv")).values())
    if len(tables) != 1:
        found = (
            f"holds {len(tables)} tables ({', '.join(one.name for one in tables[:3])})" if tables else "holds no table"
        )
        raise CorpusError(f"{place}: {found}; give the .csv or .tsv file itself.")
    return tables[0]


def _column_names(columns: Mapping[str, str] | None) -> dict[str, str]:
    """What the table calls each column."""
    if columns is not None and (
        not isinstance(columns, Mapping) or not all(isinstance(name, str) for name in columns.values())
    ):
        raise ConfigError(
            f"columns is {columns!r}; it has to map columns to their names in the table: {{label: emotion}}."
        )
    if unknown := [name for name in columns or {} if name not in COLUMNS]:
        raise ConfigError(f"columns names {unknown[0]!r}; there are {', '.join(COLUMNS)}.")
    return {name: name for name in COLUMNS} | dict(columns or {})


def _read_rows(table: Path, names: Mapping[str, str]) -> tuple[list[_Row], list[tuple[str, str, str]], frozenset[str]]:
    """The rows that can be used so far, (id, reason, source) of the others, and which of the columns there are."""
    rows: list[_Row] = []
    problems: list[tuple[str, str, str]] = []
    present: set[str] = set()
    required = [names["file"], names["label"]]
    for line, row in read_table(table, required, delimiter="\t" if table.suffix.lower() == ".tsv" else None):
        fields = {name: row[own] for name, own in names.items() if own in row}
        present |= fields.keys()
        source, id = f"{table.name}:{line}", _id(fields)
        path = table.parent / fields["file"]
        start, end = _seconds(fields.get("start")), _seconds(fields.get("end"))
        if not fields["file"]:
            problems.append((id or source, "no file", source))
        elif not _in_order(start, end):
            problems.append((id, "unreadable times", source))
        elif (split := fields.get("split", "").lower()) and split not in _PARTITIONS:
            problems.append((id, f"unknown split {split}", source))
        else:
            rows.append(_Row(id, Path(os.path.abspath(path)), start, end, fields, source))
    if not any(row.fields["label"] for row in rows):
        counts = Counter(reason for _, reason, _ in problems)
        reasons = ", ".join(f"{reason} ({count})" for reason, count in counts.items())
        usable = f" and can be used: {reasons}" if problems else ""
        raise CorpusError(f"{table}: none of its rows has a file and a label{usable}.")
    return rows, problems, frozenset(present)


def _id(fields: Mapping[str, str]) -> str:
    """Its own, else the file's path without suffix, with the times of a part."""
    if own := fields.get("id"):
        return own
    part = "-".join(time for time in (fields.get("start"), fields.get("end")) if time)
    stem = Path(os.path.splitext(fields["file"])[0]).as_posix() if fields["file"] else ""
    return f"{stem}@{part}" if part else stem


def _seconds(text: str | None) -> float | None:
    """The number; None without, NaN for what is no number."""
    if not text:
        return None
    try:
        return float(text if "." in text else text.replace(",", ".", 1))  # a comma, as in German tables
    except ValueError:
        return math.nan


def _in_order(start: float | None, end: float | None) -> bool:
    first = 0.0 if start is None else start
    return 0 <= first < (math.inf if end is None else end)  # false for NaN


def _root(table: Path, rows: Sequence[_Row]) -> Path:
    """The table's folder; where audio lies outside of it, the folder that holds all."""
    folder = Path(os.path.abspath(table.parent))
    if all(row.path.is_relative_to(folder) for row in rows):
        return folder
    try:
        return Path(os.path.commonpath([folder, *(row.path for row in rows)]))
    except ValueError as error:  # other drives
        raise CorpusError(f"{table}: its files have no folder in common ({error}).") from error


def _protocol(corpus: SpokenCorpus, rows: Sequence[_Row], present: frozenset[str]) -> str | None:
    """The protocol that the table's columns ask for; warns of what they cannot keep apart."""
    if "speaker" not in present:
        corpus.warnings.append(
            "The table has no column speaker, so every file counts as a speaker of its own: a person who is in several "
            "files is in training and in test, numbers are too good for new people, and intervals too narrow."
        )
    splits = [row.fields.get("split", "").lower() for row in rows]
    groups = [row.fields.get("group", "") for row in rows]
    for name, told, protocol in (("split", splits, "official"), ("group", groups, "loso")):
        if any(told) and not all(told):
            corpus.warnings.append(
                f"{told.count('')} of {len(told)} rows have no {name}, so {protocol} is not what is run by default."
            )
    if all(splits) and {_PARTITIONS[split] for split in splits} == {"train", "dev", "test"}:
        return "official"
    if all(groups):
        return None  # of what the corpus is made of, the strictest
    return "lospo" if "speaker" in present else "random_5fold"
