"""How much this process may do at once."""

import os
from pathlib import Path

_SPARE = 256  # open files: pipes, sockets, logs, what is being written


def n_cores() -> int:
    """The cores that this process may use, which a batch system or a container (``docker run --cpus``) may limit."""
    import joblib  # not with every command

    return joblib.cpu_count()


def free_memory() -> float:
    """Bytes that can be had without swapping; without end where the system does not tell."""
    try:
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines())
        return 1024.0 * int(told["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return float("inf")


def allow_open_files(n: int) -> None:
    """Let this process have so many files open beside those that it has, as far as the system lets it.

    Parameters
    ----------
    n
        How many; a memory-mapped file is an open one.

    Example
    -------
    >>> allow_open_files(2000)
    """
    try:
        import resource  # not on Windows
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        wanted = len(os.listdir("/dev/fd")) + n + _SPARE
        if soft != resource.RLIM_INFINITY and wanted > soft:
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    except (OSError, ValueError):  # what opens too many will say so
        pass
