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
_WRITING = ("os.rename", "os.remove", "os.mkdir", "os.rmdir")


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal that ended it), what it printed, how often it wrote."""

    code: int | None
    out: str
    err: str
    writes: int


def run_child(
    arguments: Sequence[str], folder: Path, *, die_at: int | None = None, file_size: int | None = None
) -> Ended:
    """Run the IEMOCAP recipe.

    Parameters
    ----------
    arguments
        The command line.
    folder
        Where the output is kept; what lies there does not count as written.
    die_at
        The process kills itself (SIGKILL) right before it opens, renames, makes or removes its n-th file or folder.
    file_size
        In bytes: to write a longer file fails, as on a full disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    process = _CONTEXT.Process(target=_child, args=(list(arguments), str(folder), die_at, file_size, dict(os.environ)))
    process.start()
    process.join(120)
    if process.is_alive():
        process.kill()
        process.join()
        raise TimeoutError(f"{arguments} did not end: {(folder / 'err').read_text()}")
    writes = folder / "writes"
    return Ended(
        process.exitcode,
        (folder / "out").read_text(encoding="utf-8"),
        (folder / "err").read_text(encoding="utf-8"),
        int(writes.read_text()) if writes.is_file() else -1,
    )


def _child(
    arguments: list[str], folder: str, die_at: int | None, file_size: int | None, environment: dict[str, str]
) -> None:
    for descriptor, name in ((1, "out"), (2, "err")):
        file = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, descriptor)
    os.environ.update(environment)
    torch.set_num_threads(1)
    count = _count_writes(die_at)
    if file_size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails, and does not end the process
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    code = run_recipe(read_iemocap, arguments=arguments)
    if file_size is None:
        Path(folder, "writes").write_text(str(count[0]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _count_writes(die_at: int | None) -> list[int]:
    count = [0]

    def watch(event: str, details: tuple[Any, ...]) -> None:
        writes = event in _WRITING or (event == "open" and (details[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if writes:
            count[0] += 1
            if count[0] == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    return count
