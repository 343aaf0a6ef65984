"""Reading the text files and folder listings of corpora that have passed through many hands and systems."""

import codecs
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from mtser.errors import CorpusError


def read_text(path: str | Path, legacy: str = "cp1252") -> str:
    r"""Read a text file whose encoding nobody has noted down.

    UTF-16 is recognised by its byte order mark; other files are UTF-8, else ``legacy``, else Latin-1 (which takes any
    byte). Line ends become ``\n``.

    Parameters
    ----------
    path
        The file.
    legacy
        What files that are no Unicode are in: Windows-1252 in the West, "gb18030" for Chinese.

    Raises
    ------
    CorpusError
        If the file cannot be read.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.txt"
    >>> _ = file.write_bytes("Café\r\nnaïve".encode("cp1252"))
    >>> read_text(file)
    'Café\nnaïve'
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}).") from error
    return decode_text(data, legacy)


def decode_text(data: bytes, legacy: str = "cp1252") -> str:
    """The text of a file's bytes, as :func:`read_text` reads it."""
    return _decode(data, legacy).replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, legacy: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", legacy):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    r"""The lines that are not blank, stripped, each with its number in the file, counted from 1.

    Only ``\n`` ends a line: ``str.splitlines`` would also cut at control characters that Latin-1 text may hold.

    Example
    -------
    >>> list(numbered_lines("a\n\n  b \n"))
    [(1, 'a'), (3, 'b')]
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if stripped := line.strip():
            yield number, stripped


def files_by_stem(folder: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    """The files of a folder with one of ``suffixes``, by their name without it, sorted.

    Hidden files are left out, and so are the ``._*`` twins that macOS leaves beside every file on foreign disks, and
    names that are no valid text (no corpus has such files, and no report could name them). Upper and lower case of a
    suffix are the same. Where several files share a stem, the suffix that is named first wins. A folder that does not
    exist has no files.

    Raises
    ------
    CorpusError
        If the folder exists but cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if _is_visible(entry.name) and entry.is_file()]
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be listed ({error.strerror}).") from error
    ranked = []
    for name in names:
        stem, suffix = os.path.splitext(name)
        if suffix.lower() in suffixes:
            ranked.append((stem, suffixes.index(suffix.lower()), name))
    found: dict[str, Path] = {}
    for stem, _, name in sorted(ranked):
        found.setdefault(stem, folder / name)
    return found


def subfolders(folder: Path) -> tuple[Path, ...]:
    """The visible folders in a folder, sorted by name; none if it does not exist.

    Raises
    ------
    CorpusError
        If the folder exists but cannot be listed.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if _is_visible(entry.name) and entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be listed ({error.strerror}).") from error
    return tuple(folder / name for name in names)


def _is_visible(name: str) -> bool:
    is_text = not any("\ud800" <= character <= "\udfff" for character in name)  # else undecodable bytes
    return is_text and not name.startswith(".")
