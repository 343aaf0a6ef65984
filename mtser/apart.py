"""Work that holds Python's lock, shared among processes while threads wait for it."""

import pickle
import shutil
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

_LITTLE = 1.0
"""So many seconds of work are done here before it pays to start processes."""


class Processes:
    """Processes that are started when there is more than a little to do.

    Until they are ready, one call at a time is answered here; then none is, because its hold on Python's lock would
    keep the threads from handing out work to the others. Processes end by themselves half a minute after the last call.

    Parameters
    ----------
    n
        How many; as many as threads that call.
    little
        So many seconds of work are done here before they are started; about what starting them costs.

    Example
    -------
    >>> Apart([3, 1, 2], Processes(2)).call("index", 2)
    2
    """

    def __init__(self, n: int, little: float = _LITTLE) -> None:
        self._n = n
        self._little = little
        self._seconds_here = 0.0
        self._here = threading.Lock()
        self._executor: Any = None
        self._are_ready = False

    def resize(self, n: int) -> None:
        """Have another number of them from now on."""
        if n != self._n:
            self._n = n
            self._forget(self._executor)

    def call(self, apart: "Apart", method: str, arguments: tuple[Any, ...]) -> Any:
        """What a method of a tool returns or raises, wherever it is called.

        Raises
        ------
        RuntimeError
            If the process dies, and that of a second try, too; later calls get new ones.
        """
        with self._place_here() as is_here:
            if is_here:
                return getattr(apart.tool, method)(*arguments)
        if not apart.was_tried:
            with self._here:  # nobody uses the tool while it is pickled
                apart.can_be_sent  # noqa: B018
        if not apart.can_be_sent:
            with self._here:
                return getattr(apart.tool, method)(*arguments)
        executor = self._started()
        try:
            answer = executor.submit(_call_there, apart.file, method, arguments).result()
        except BrokenExecutor:
            self._forget(executor)
            return self._called_alone(apart, method, arguments)
        except BaseException:
            self._are_ready = True
            raise
        self._are_ready = True
        return answer

    def _called_alone(self, apart: "Apart", method: str, arguments: tuple[Any, ...]) -> Any:
        """Once more, in a process of its own: one that dies takes the others' calls with it, whose fault it is not."""
        executor = _executor(1)
        try:
            return executor.submit(_call_there, apart.file, method, arguments).result()
        except BrokenExecutor as error:
            raise RuntimeError("the process that worked on it died, twice") from error
        finally:
            executor.shutdown(wait=False, kill_workers=True)

    @contextmanager
    def _place_here(self) -> Iterator[bool]:
        """Whether there is one; for a little it is waited for."""
        if self._are_ready or not self._here.acquire(blocking=self._seconds_here < self._little):
            yield False
            return
        begin = time.perf_counter()
        try:
            yield True
        finally:
            self._seconds_here += time.perf_counter() - begin
            self._here.release()

    def _started(self) -> Any:
        """Not joblib's common executor, which cannot be shared with its own ``Parallel``.

        Nothing is done here meanwhile: starting gives up Python's lock hundreds of times, and each time would wait
        for a call that holds it for tenths of a second.
        """
        if self._executor is None:
            with self._here:
                if self._executor is None:
                    executor = _executor(self._n)
                    executor.submit(int)  # the first one starts them
                    self._executor = executor
        return self._executor

    def _forget(self, executor: Any) -> None:
        with self._here:
            if self._executor is executor:
                self._executor, self._are_ready = None, False


class Apart:
    """A tool, here and in processes.

    Parameters
    ----------
    tool
        Each process makes its own of it, once; what cannot be pickled is used here alone, one call at a time.
    processes
        Where it works; tools may share them.
    """

    def __init__(self, tool: Any, processes: Processes) -> None:
        self.tool = tool
        self._processes = processes
        self._writing = threading.Lock()
        self._file: str | None = None
        self.was_tried = False

    @property
    def file(self) -> str | None:
        """The file from which processes make their own; of a class in the user's own script, the class is in it, too.

        It may be large (models), so it is not sent with every call. It is deleted with this object. None if the tool
        cannot be pickled.
        """
        with self._writing:
            if not self.was_tried:
                self._file = self._written()
                self.was_tried = True
            return self._file

    def _written(self) -> str | None:
        from joblib.externals.loky.backend.reduction import dumps

        try:
            pickled = bytes(dumps(self.tool))
        except Exception:  # whatever a class of someone's own raises
            return None
        folder = mkdtemp(prefix="mtser_")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = Path(folder, "tool.pickle")
        file.write_bytes(pickled)
        return str(file)

    @property
    def can_be_sent(self) -> bool:
        """Whether other processes can have the tool: someone's class may hold what cannot be pickled."""
        return self.file is not None

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the tool; several threads may do so at once.

        Raises
        ------
        Exception
            What the method raises.
        """
        return self._processes.call(self, method, arguments)


def _executor(n: int) -> Any:
    """So many processes, with a thread each, as there is one for every core."""
    from joblib.externals.loky import ProcessPoolExecutor

    return ProcessPoolExecutor(n, timeout=30, initializer=_may_grow, env={"OMP_NUM_THREADS": "1"})


def _may_grow() -> None:
    """Else a process that grows by 300 MB, as by importing torch, is taken for one that leaks, and replaced."""
    from joblib.externals.loky import process_executor

    process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize


def _call_there(file: str, method: str, arguments: tuple[Any, ...]) -> Any:
    return getattr(_unpickled(file), method)(*arguments)


@lru_cache(maxsize=4)
def _unpickled(file: str) -> Any:
    return pickle.loads(Path(file).read_bytes())
