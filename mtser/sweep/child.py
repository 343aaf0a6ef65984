"""One process that trains one run, and that does not outlive the sweep."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time

from mtser.errors import MtserError
from mtser.sweep.lock import RunLock
from mtser.sweep.run import Run

PATIENCE = 15.0
"""Seconds that a process gets to stop by itself (it finishes writing a checkpoint)."""
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_PR_SET_PDEATHSIG = 1  # of Linux's prctl


class Child:
    """The process of a run; what it prints goes to the run's log.

    Parameters
    ----------
    run
        What it trains.
    lock
        Of the run, held by this process. The child holds it, too; this process releases it when it has noted how the
        run ended.
    threads
        How many threads its arithmetic may use.

    Raises
    ------
    MtserError
        If the log cannot be written.
    """

    def __init__(self, run: Run, lock: RunLock, threads: int) -> None:
        self.run = run
        self.lock = lock
        environment = {**os.environ, **dict.fromkeys(_THREADS, str(threads)), "PYTHONUNBUFFERED": "1"}
        assert lock.descriptor is not None
        try:
            with run.log.open("wb") as log:
                log.write(f"$ {run.command_line()}\n".encode())
                log.flush()
                self._process = subprocess.Popen(
                    run.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    pass_fds=[lock.descriptor],
                    start_new_session=True,  # Ctrl-C reaches the sweep alone, which then stops its children
                    preexec_fn=_Before(os.getpid()),
                )
        except OSError as error:
            lock.release()
            raise MtserError(f"{error.filename or run.log}: cannot be used ({error.strerror}).") from error

    def code(self) -> int | None:
        """The exit code (negative: the signal that ended it); None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """Ask it to stop, as Ctrl-C does."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """End it at once, with all that it started."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)


def stop(children: list[Child], patience: float = PATIENCE) -> None:
    """Let processes stop by themselves; end those that do not."""
    for child in children:
        child.interrupt()
    end = time.monotonic() + patience
    while any(child.code() is None for child in children) and time.monotonic() < end:
        time.sleep(0.05)
    for child in children:
        child.kill()


class _Before:
    """What happens in the new process before its program is started.

    On Linux the system ends it when the sweep dies, be it by SIGKILL: else it would go on beside the processes of the
    next sweep. (Elsewhere it goes on, and the next sweep waits for its lock.)
    """

    def __init__(self, parent: int) -> None:
        self._parent = parent
        self._prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None  # found here: a fork must not load

    def __call__(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell that runs the sweep in the background ignores it
        if self._prctl is not None:
            self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self._parent:  # it died a moment ago
                os._exit(1)
