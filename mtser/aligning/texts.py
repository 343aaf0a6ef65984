"""Transcripts in the files that people keep them in."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from mtser.corpora.transcriptions import parse_transcriptions
from mtser.errors import ConfigError, CorpusError
from mtser.text_files import numbered_lines, read_text

BESIDE = (".txt", ".lab")
"""Suffixes of a transcript beside its audio; the first that is there counts."""


def read_beside(audio: Path) -> tuple[str | None, str]:
    """The transcript beside an audio file, and its path; None if there is none.

    Raises
    ------
    ConfigError
        If it is there but cannot be read.
    """
    for suffix in BESIDE:
        file = audio.with_suffix(suffix)
        if file.is_file():
            try:
                return " ".join(read_text(file).split()), str(file)
            except CorpusError as error:
                raise ConfigError(str(error)) from error
    return None, ""


def listed_texts(files: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """The texts of lists in a folder: name of the audio without suffix → text and the list's path.

    Known are IEMOCAP's ``transcriptions/*.txt`` (``id [start-end]: text``) and LibriSpeech's ``*.trans.txt`` (``id
    text``).
    """
    found: dict[str, tuple[str, str]] = {}
    for file in files:
        if file.name.endswith(".trans.txt"):
            for _, line in numbered_lines(read_text(file)):
                id, _, text = line.partition(" ")
                found.setdefault(id, (text, str(file)))
        elif file.suffix.lower() == ".txt" and file.parent.name == "transcriptions":
            for one in parse_transcriptions(read_text(file)):
                found.setdefault(one.id, (one.text, str(file)))
    return found


def read_table(file: Path) -> dict[str, str]:
    r"""The texts of a table with the columns ``file`` and ``text``; others may be there.

    Parameters
    ----------
    file
        Divided by tabs, commas or semicolons, as its first line is.

    Raises
    ------
    ConfigError
        If it cannot be read, lacks a column, or names a file twice.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "texts.csv"
    >>> _ = file.write_text('file,text\na.wav,"Oh, no."\n')
    >>> read_table(file)
    {'a.wav': 'Oh, no.'}
    """
    try:
        content = read_text(file)
    except CorpusError as error:
        raise ConfigError(str(error)) from error
    first = content.partition("\n")[0]
    delimiter = max("\t,;", key=first.count)
    rows = csv.DictReader(io.StringIO(content), delimiter=delimiter)
    columns = [name.strip().lower() for name in rows.fieldnames or ()]
    if "file" not in columns or "text" not in columns:
        raise ConfigError(f"{file}: its first line is {first!r}; the columns file and text are expected.")
    rows.fieldnames = columns
    found: dict[str, str] = {}
    for row in rows:
        name = (row["file"] or "").strip()
        if name in found:
            raise ConfigError(f"{file}:{rows.line_num}: {name!r} stands there twice.")
        if name:
            found[name] = (row["text"] or "").strip()
    return found
