"""Work on many items over all cores, with little in flight."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from mtser.cores import n_cores

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 64  # items a thread: enough to keep it busy while the results are being written


def parallel_map(
    function: Callable[[Item], Result], items: Iterable[Item], n_jobs: int | None = None, ahead: int = _AHEAD
) -> Iterator[Result]:
    """Apply a function in threads, in order, and hold only few results that nobody has asked for yet.

    Threads, because what takes the time here (decoding, openSMILE, torch, checksums) runs outside of Python's lock:
    they scale like processes, but need no start, no copies and no importable main script, and die with the process.
    (For what holds the lock there is :mod:`mtser.apart`.)

    Parameters
    ----------
    function
        Called in several threads at once.
    items
        What it is called with.
    n_jobs
        Threads; default: one a core.
    ahead
        How many items a thread may be ahead of what has been asked for.

    Yields
    ------
    Result
        ``function(item)``, in the order of the items. Leaving the loop early drops what has not begun.

    Example
    -------
    >>> list(parallel_map(str, range(4), n_jobs=2))
    ['0', '1', '2', '3']
    """
    n_jobs = max(1, n_jobs if n_jobs is not None else n_cores())
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(n_jobs, thread_name_prefix="mtser") as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= n_jobs * ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for job in pending:
                job.cancel()


class OneAtATime:
    """A lock for what keeps the state of a call in itself; objects that hold one can be copied and pickled.

    The thread that has it may take it again. Copies are free, whoever holds the original.

    Example
    -------
    >>> import copy
    >>> lock = OneAtATime()
    >>> with lock, copy.deepcopy(lock):
    ...     print("both are mine")
    both are mine
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __reduce__(self) -> tuple[type["OneAtATime"], tuple[()]]:
        return OneAtATime, ()
