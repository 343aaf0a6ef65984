"""Writing files so that a reader never sees half of one; listing them, and telling one content from another."""

import contextlib
import csv
import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from mtser.errors import MtserError
from mtser.unfinished import unfinished_file

_ONE_AT_A_TIME = threading.Lock()


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> Path:
    """Let ``write`` fill a temporary file beside ``path``, flush it to the disk, then rename it into place.

    Parameters
    ----------
    path
        Where the file shall be; missing parent folders are made.
    write
        Called once with the open binary file.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    MtserError
        If the disk is full or the folder cannot be written; nothing is left behind, an older file stays as it was.

    Example
    -------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> write_atomically(Path(folder) / "a" / "x.bin", lambda file: file.write(b"done")).read_bytes()
    b'done'
    """
    path = Path(path)
    with contextlib.ExitStack() as open_files:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = open_files.enter_context(unfinished_file(path))
        except OSError as error:
            raise MtserError(f"{path}: cannot be written ({error.strerror}); choose another folder.") from error
        try:
            with os.fdopen(descriptor, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except OSError as error:
            raise MtserError(
                f"{path}: cannot be written ({error.strerror}); free some space or choose another folder, then start "
                "the same command again: it continues where it was."
            ) from error
    return path


def walk(folder: str | Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """``os.walk`` in order and behind links, each folder once: links may lead in circles.

    Yields
    ------
    tuple
        The folder, the names of its folders (those that are taken out of the list are not visited) and of its files.

    Raises
    ------
    MtserError
        If a folder may not be listed: what lies in it would be missed in silence.

    Example
    -------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "b").mkdir()
    >>> (folder / "a").symlink_to(folder)
    >>> [os.path.relpath(parent, folder) for parent, _, _ in walk(folder)]
    ['.', 'b']
    """
    seen = set()
    for parent, folders, files in os.walk(folder, followlinks=True, onerror=_refuse_unlisted):
        try:
            found = os.stat(parent)
        except OSError:  # gone meanwhile
            continue
        if (found.st_dev, found.st_ino) in seen:
            folders.clear()
            continue
        seen.add((found.st_dev, found.st_ino))
        folders.sort()
        files.sort()
        yield parent, folders, files


def _refuse_unlisted(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):  # gone meanwhile, or no folder at all
        raise MtserError(
            f"{error.filename}: cannot be listed ({error.strerror}); make it readable, or move it elsewhere."
        ) from error


def _umask() -> int:
    """The process's file mode mask (there is no way to read it without setting it, which threads share)."""
    with _ONE_AT_A_TIME:
        mask = os.umask(0o077)
        os.umask(mask)
    return mask


def write_text(path: str | Path, text: str) -> Path:
    r"""Write ``text`` as UTF-8, atomically; of names of files whose bytes are no text, these as ``\udce9``."""
    return write_atomically(path, lambda file: file.write(text.encode("utf-8", "backslashreplace")))


def write_json(path: str | Path, value: Any) -> Path:
    """Write ``value`` as readable JSON (UTF-8, two spaces, a final newline), atomically."""
    return write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_csv(path: str | Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a CSV table with a header line, atomically."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return write_text(path, text.getvalue())


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content; a process reads it again only if size or time of the last change differ."""
    found = path.stat()
    return _hash(path, found.st_size, found.st_mtime_ns)


@cache
def _hash(path: Path, size: int, modified: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while portion := file.read(1 << 22):
            digest.update(portion)
    return digest.hexdigest()


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names whose hashes differ, of those that both know, in the order of ``before``.

    Example
    -------
    >>> changed({"a": "1f", "b": "20", "c": "00"}, {"b": "3c", "a": "1f"})
    ['b']
    """
    return [name for name, sha256 in before.items() if now.get(name, sha256) != sha256]


def cache_folder() -> Path:
    """Where mtser keeps what it can compute again: ``$MTSER_CACHE``, else ``mtser`` in the user's cache folder.

    Example
    -------
    >>> os.environ["MTSER_CACHE"] = "/tmp/mtser-cache"
    >>> print(cache_folder().as_posix())
    /tmp/mtser-cache
    >>> del os.environ["MTSER_CACHE"]
    """
    if chosen := os.environ.get("MTSER_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mtser"
