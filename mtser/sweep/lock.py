"""A lock for each run folder, so that two processes never train the same run."""

import os
from pathlib import Path

from mtser.errors import MtserError


class RunLock:
    """A locked file, handed to the process that trains.

    The lock belongs to the open file, which the child inherits. The system opens it when the child is gone, however
    that came, and even if the sweep was gone before; the file itself may stay.

    Parameters
    ----------
    file
        Made if it is not there.
    option
        Which chooses its folder, for messages.

    Attributes
    ----------
    descriptor
        Of the open file, for the child to inherit; None if somebody else has the lock.

    Raises
    ------
    MtserError
        If the file cannot be written.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "seed_1.lock"
    >>> first, second = RunLock(file), RunLock(file)
    >>> first.descriptor is None, second.descriptor is None
    (False, True)
    >>> first.release()
    """

    def __init__(self, file: Path, option: str = "--output_folder") -> None:
        self.descriptor: int | None = None
        try:
            import fcntl
        except ImportError as error:
            raise MtserError(
                "mtser sweep and mtser tune need Linux or macOS; on Windows run them in WSL, or call train.py for each "
                "system yourself."
            ) from error
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise MtserError(f"{file}: cannot be written ({error.strerror}); choose another {option}.") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise MtserError(
                f"{file}: the disk knows no locks ({error.strerror}); choose a folder on another ({option})."
            ) from error
        else:
            self.descriptor = descriptor

    def release(self) -> None:
        """Give up this process's share of the lock; a child that inherited it keeps its own."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
