"""One process: its environment, its log, its lock, and how it is stopped."""

import json
import sys
import time
from pathlib import Path

import pytest

from mtser.errors import MtserError
from mtser.sweep.child import Child, stop
from mtser.sweep.lock import RunLock
from mtser.sweep.run import Run

STUBBORN = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"
POLITE = """
import time
print("on", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("off", flush=True)
"""


def start(tmp_path: Path, code: str, threads: int = 1) -> Child:
    run = Run("full", "mini", "loso", 1, tmp_path, (sys.executable, "-c", code))
    return Child(run, RunLock(run.lock), threads)


def wait_for_log(child: Child, words: str) -> None:
    end = time.monotonic() + 20
    while words not in child.run.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.01)


def code_of(child: Child) -> int:
    end = time.monotonic() + 20
    while (code := child.code()) is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    return code


def test_the_log_holds_the_command_and_all_that_is_printed(tmp_path: Path) -> None:
    child = start(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(5)")
    assert code_of(child) == 5
    first, *rest = child.run.log.read_text().splitlines()
    assert first.startswith(f"$ {sys.executable} -c ") and rest == ["out", "err"]


def test_the_number_of_threads(tmp_path: Path) -> None:
    child = start(tmp_path, "import os, json; print(json.dumps(dict(os.environ)))", threads=3)
    code_of(child)
    environment = json.loads(child.run.log.read_text().splitlines()[-1])
    assert environment["OMP_NUM_THREADS"] == environment["MKL_NUM_THREADS"] == "3"


def test_it_stops_when_it_is_asked(tmp_path: Path) -> None:
    child = start(tmp_path, POLITE)
    wait_for_log(child, "\non\n")
    stop([child])
    assert child.code() == 0 and child.run.log.read_text().endswith("off\n")


def test_it_is_ended_when_it_does_not_listen(tmp_path: Path) -> None:
    child = start(tmp_path, STUBBORN)
    wait_for_log(child, "\non\n")
    begin = time.monotonic()
    stop([child], patience=0.3)
    assert child.code() == -9 and 0.3 <= time.monotonic() - begin < 10


def test_what_it_has_started_is_stopped_with_it(tmp_path: Path) -> None:
    """A process that its parent started beats like a heart, until the parent is stopped."""
    beat = "import time; print('on', flush=True)\nwhile True: open('beats', 'a').write('.'); time.sleep(0.02)"
    start_it = (
        f"import os, subprocess, sys; os.chdir({str(tmp_path)!r}); subprocess.run([sys.executable, '-c', {beat!r}])"
    )
    child = start(tmp_path, f"import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); {start_it}")
    wait_for_log(child, "\non\n")
    stop([child], patience=0.3)
    assert child.code() == -9
    beats = (tmp_path / "beats").read_text()
    time.sleep(0.3)
    assert beats and (tmp_path / "beats").read_text() == beats


def test_the_lock_is_held_until_the_child_has_ended_and_is_noted(tmp_path: Path) -> None:
    child = start(tmp_path, POLITE)
    wait_for_log(child, "\non\n")
    assert RunLock(child.run.lock).descriptor is None
    child.lock.release()
    assert RunLock(child.run.lock).descriptor is None  # the child has it still
    stop([child])
    again = RunLock(child.run.lock)
    assert again.descriptor is not None
    again.release()


def test_the_lock_is_held_until_the_end_is_noted(tmp_path: Path) -> None:
    child = start(tmp_path, "")
    code_of(child)
    assert RunLock(child.run.lock).descriptor is None
    child.lock.release()
    again = RunLock(child.run.lock)
    assert again.descriptor is not None
    again.release()


def test_a_program_that_does_not_exist(tmp_path: Path) -> None:
    run = Run("full", "mini", "loso", 1, tmp_path, (str(tmp_path / "python"), "train.py"))
    lock = RunLock(run.lock)
    with pytest.raises(MtserError, match="python: cannot be used"):
        Child(run, lock, 1)
    assert lock.descriptor is None


def test_a_lock_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MtserError, match="seed_1.lock: cannot be written"):
        RunLock(tmp_path / "file" / "seed_1.lock")
