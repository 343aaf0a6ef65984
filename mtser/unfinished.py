"""Temporary files that become the real ones when they are whole, and what killed processes left of them."""

import contextlib
import hashlib
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_HERE = hashlib.sha256(platform.node().encode()).hexdigest()[:4]  # this machine
_SUFFIX = ".part"
_LONGEST = 255 - len(f"..{_HERE}????????{_SUFFIX}")  # bytes, of 255 that file systems take
_STALE = 3600.0  # seconds after which nobody writes a temporary file any more, where its lock cannot tell


@contextlib.contextmanager
def unfinished_file(path: Path) -> Iterator[tuple[int, str]]:
    """A temporary file beside ``path``, to be renamed to it; gone at the end if it was not.

    It is locked until the end, by which :func:`remove_leftovers` tells that somebody writes it: the system opens the
    lock when the process, and what it has forked meanwhile, is gone, however that came.

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
    beginning = os.fsdecode(os.fsencode(path.name)[:_LONGEST])
    while True:
        descriptor, name = tempfile.mkstemp(prefix=f".{beginning}.{_HERE}", suffix=_SUFFIX, dir=path.parent)
        lock = _lock(descriptor)
        if lock is None or os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)  # it was taken for a leftover before it was locked
        os.close(lock)
    try:
        yield descriptor, name
    finally:
        Path(name).unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


def remove_leftovers(folder: Path, name: str = "*", *, below: bool = False) -> None:
    """Remove the temporary files of processes that were killed; those that somebody writes stay.

    Whether somebody on this machine writes one, its lock tells. Of other machines, and where files cannot be locked
    (Windows, some network disks), those of the last hour stay.

    Parameters
    ----------
    folder
        Where to look.
    name
        Of the file that was to be written, as a pattern of :mod:`fnmatch`.
    below
        Whether to look in the folders below, too.

    Example
    -------
    >>> folder = Path(tempfile.mkdtemp())
    >>> with unfinished_file(folder / "a.txt") as (descriptor, _):
    ...     remove_leftovers(folder)
    ...     len(list(folder.iterdir()))
    ...     os.close(descriptor)
    1
    """
    pattern = f".{name}.{'[0-9a-f]' * len(_HERE)}????????{_SUFFIX}"
    for parent, folders, files in os.walk(folder):
        if not below:
            folders.clear()
        for file in files:
            if fnmatchcase(file, pattern):
                with contextlib.suppress(OSError):
                    _remove_unless_written(Path(parent, file))


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
    written_here = path.name[: -len("????????" + _SUFFIX)].endswith("." + _HERE)
    if fcntl is None or not written_here:  # the lock of another machine may not be seen on this one
        _remove_old(path)
        return
    try:
        descriptor = os.open(path, os.O_RDWR)
    except PermissionError:  # another user's
        _remove_old(path)
        return
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
