"""Runs of a recipe in processes of their own, that can be killed or kept from writing long files.

The processes are forked from one that has imported everything already, so that each starts at once.
"""

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mtser.corpora.iemocap import read_iemocap
from mtser.training import run_recipe

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])
_OUTPUTS = ("out", "err")
_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal that ended it), and what it printed."""

    code: int | None
    out: str
    err: str


def run_child(
    arguments: Sequence[str],
    folder: Path,
    *,
    die_at: tuple[str, int] | None = None,
    die_after: float | None = None,
    file_size: int | None = None,
) -> Ended:
    """Run the IEMOCAP recipe.

    Parameters
    ----------
    arguments
        The command line.
    folder
        Where the output is kept.
    die_at
        The process kills itself (SIGKILL) right before it writes, renames, makes or removes a file or folder whose
        path holds this text, for the n-th time.
    die_after
        The process is killed after so many seconds.
    file_size
        In bytes: to write a longer file fails, as on a full disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    process = _CONTEXT.Process(target=_child, args=(list(arguments), str(folder), die_at, file_size, dict(os.environ)))
    process.start()
    process.join(120 if die_after is None else die_after)
    if process.is_alive():
        process.kill()
        process.join()
        if die_after is None:
            raise TimeoutError(f"{arguments} did not end: {(folder / 'err').read_text()}")
    out, err = ((folder / name).read_text(encoding="utf-8") if (folder / name).exists() else "" for name in _OUTPUTS)
    return Ended(process.exitcode, out, err)


def _child(
    arguments: list[str],
    folder: str,
    die_at: tuple[str, int] | None,
    file_size: int | None,
    environment: dict[str, str],
) -> None:
    for descriptor, name in enumerate(_OUTPUTS, 1):
        file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
    os.environ.update(environment)
    torch.set_num_threads(1)
    if die_at is not None:
        _die_at(*die_at)
    if file_size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails, and does not end the process
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    code = run_recipe(read_iemocap, arguments=arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _die_at(part: str, number: int) -> None:
    count = 0

    def watch(event: str, details: tuple[Any, ...]) -> None:
        nonlocal count
        writes = event in _CHANGES or (event == "open" and (details[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if writes and part in str(details[0]):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
