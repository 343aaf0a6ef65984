"""A corpus of one's own: a table of audio files and their labels is all that it needs."""

import os
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from mtser.audio import AudioIndex
from mtser.checks import check_language, is_language
from mtser.corpora.choices import LabelMap
from mtser.corpora.corpus import Corpus
from mtser.corpora.custom_division import division, twice_spelt
from mtser.corpora.custom_fields import CustomFields
from mtser.corpora.custom_table import PARTITIONS, CustomRow, read_custom_table, without_repeats
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem


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
        the file), ``split`` (train, dev, test), ``language`` and ``id``; ``valence``, ``activation``, ``dominance``
        (ratings on any scale, empty where there is none); ``dialog`` and ``dialog_start`` (seconds; which turn of which
        dialog it is). Others are left alone. Upper and lower case are the same.
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
        If there is no table, it lacks a column or has one twice, or no row is usable.
    ConfigError
        If an option is wrong.
    """
    check_language(language)
    table = _find_table(Path(data_folder))
    rows, problems, present = read_custom_table(table, columns)
    labels = sorted({row.fields["label"] for row in rows})
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
    corpus.skipped += problems
    usable = []
    for row in rows:
        if problem := _problem(row, present, language):
            corpus.skip(row.id, *problem)
        else:
            usable.append(row)
    unique, repeated = without_repeats(usable, corpus.label_map)
    corpus.skipped += repeated
    fields = CustomFields(rows)
    for row in unique:
        get = row.fields.get
        corpus.add(
            row.id,
            row.audio(),
            label=row.fields["label"],
            speaker=get("speaker") or _relative(row.path, corpus.root),
            text=get("text", ""),
            language=get("language") or language,
            source=row.source,
            session=get("group") or None,
            partition=PARTITIONS[split.lower()] if (split := get("split")) else None,
            **fields.of(row),
        )
    protocol, warnings = division(rows, present)
    corpus.warnings += warnings + twice_spelt(rows, corpus.label_map) + fields.warnings()
    return corpus.read("rows with their audio files", default_protocol=protocol, place=table)


def _find_table(place: Path) -> Path:
    if place.is_file():
        return place
    if not place.is_dir():
        raise CorpusError(
            f"{place}: no such file or folder; expected a table (.csv or .tsv) with columns file and label."
        )
    tables = list(files_by_stem(place, (".csv", ".tsv")).values())
    if not tables and (books := list(files_by_stem(place, (".xlsx", ".xls", ".ods")).values())):
        raise CorpusError(f"{books[0]}: is a spreadsheet; save it as CSV UTF-8 (.csv) beside it.")
    if len(tables) != 1:
        found = (
            f"holds {len(tables)} tables ({', '.join(one.name for one in tables[:3])})" if tables else "holds no table"
        )
        raise CorpusError(f"{place}: {found}; give the .csv or .tsv file itself.")
    return tables[0]


def _problem(row: CustomRow, present: frozenset[str], language: str) -> tuple[str, str] | None:
    """Why a row cannot be used, and what was found; None if it can."""
    spoken = row.fields.get("language") or language
    if "speaker" in present and not row.fields.get("speaker"):
        return "no speaker", row.source
    if not is_language(spoken):
        return "unknown language", f"{row.source}: {spoken!r} is no ISO 639-1 code"
    return None if row.exists else ("no audio file", f"{row.source}: {row.path}")


def _root(table: Path, rows: Sequence[CustomRow]) -> Path:
    """The table's folder; where audio lies outside of it, the folder that holds all."""
    folder = Path(os.path.abspath(table.parent))
    files = [row.path for row in rows if row.exists]
    if all(path.is_relative_to(folder) for path in files):
        return folder
    try:
        return Path(os.path.commonpath([folder, *files]))
    except ValueError as error:  # other drives
        raise CorpusError(f"{table}: its files have no folder in common ({error}).") from error


def _relative(path: Path, root: Path) -> str:
    """The same on every machine, whichever Unicode form its file system has."""
    return unicodedata.normalize("NFC", Path(os.path.relpath(path, root)).as_posix())
