"""How much this process may do at once."""

import os


def n_cores() -> int:
    """The cores that this process may use, which a batch system or a container may have limited."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
