"""Temporary files that become the real ones when they are whole, and what killed processes left of them."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".part"
_STALE = 3600.0  # seconds after which nobody writes a temporary file any more, where files cannot be locked


@contextlib.contextmanager
def unfinished_file(path: Path) -> Iterator[tuple[int, str]]:
    """A temporary file beside ``path``, to be renamed to it; gone at the end if it was not.

    It is locked until the end, by which :func:`remove_leftovers` tells that somebody writes it: the system opens the
    lock of a process that is gone, however that came.

    Yields
    ------
    tuple
        Its descriptor, which the caller closes, and its name.

    Raises
    ------
    OSError
        If it cannot be made.

    Example
    -------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with unfinished_file(folder / "a.txt") as (descriptor, name):
    ...     _ = os.write(descriptor, b"whole")
    ...     os.close(descriptor)
    ...     os.replace(name, folder / "a.txt")
    >>> [file.name for file in folder.iterdir()]
    ['a.txt']
    """
    while True:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_SUFFIX, dir=path.parent)
        lock = _lock(descriptor)
        if os.fstat(descriptor).st_nlink or lock is None:
            break
        os.close(descriptor)  # it was taken for a leftover before it was locked
        os.close(lock)
    try:
        yield descriptor, name
    finally:
        Path(name).unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


def remove_leftovers(folder: Path, pattern: str = "*") -> None:
    """Remove the temporary files of processes that were killed; those that somebody writes stay.

    Where files cannot be locked (Windows, some network disks), those of the last hour stay.

    Parameters
    ----------
    folder
        Where to look.
    pattern
        Of the files that were to be written: ``"report.md"``, ``"*.json"``, ``"**/*"``.

    Example
    -------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _, left = tempfile.mkstemp(prefix=".a.txt.", suffix=".part", dir=folder)
    >>> remove_leftovers(folder, "a.txt")
    >>> list(folder.iterdir())
    []
    """
    before, slash, name = pattern.rpartition("/")
    for path in list(folder.glob(f"{before}{slash}.{name}.????????{_SUFFIX}")):
        with contextlib.suppress(OSError):
            _remove_unless_written(path)


def _lock(descriptor: int) -> int | None:
    """Lock a file until the descriptor that is returned is closed, even if the given one is closed before."""
    if fcntl is None:
        return None
    lock = os.dup(descriptor)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError:  # a disk without locks
        os.close(lock)
        return None
    return lock


def _remove_unless_written(path: Path) -> None:
    if fcntl is None:
        _remove_old(path)
        return
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    except OSError:  # a disk without locks
        _remove_old(path)
    else:
        path.unlink()
    finally:
        os.close(descriptor)


def _remove_old(path: Path) -> None:
    if time.time() - path.stat().st_mtime > _STALE:
        path.unlink()
