"""Temporary files: whole or gone, and what killed processes left is removed while what is being written stays."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from mtser import unfinished
from mtser.errors import MtserError
from mtser.files import write_atomically, write_text
from mtser.unfinished import remove_leftovers
from tests.helpers.leftovers import leftover

pytest.importorskip("fcntl")  # Windows has neither its locks nor the signals

_CONTEXT = multiprocessing.get_context("spawn")


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def write_and_stop(file: Path) -> None:
    """Stop, half-way, until somebody kills this process."""

    def write(opened: object) -> None:
        opened.write(b"half")  # type: ignore[attr-defined]
        opened.flush()  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGSTOP)

    write_atomically(file, write)


def test_what_a_living_process_writes_stays_and_what_a_dead_one_left_goes(tmp_path: Path) -> None:
    write_text(tmp_path / "report.md", "old")
    process = _CONTEXT.Process(target=write_and_stop, args=(tmp_path / "report.md",))
    process.start()
    while process.is_alive() and not any(file.stat().st_size for file in tmp_path.glob(".*")):
        time.sleep(0.01)
    assert process.is_alive()
    remove_leftovers(tmp_path)
    assert len(names(tmp_path)) == 2
    process.kill()
    process.join()
    remove_leftovers(tmp_path, "other.md")
    assert len(names(tmp_path)) == 2
    remove_leftovers(tmp_path, "report.md")
    assert names(tmp_path) == ["report.md"] and (tmp_path / "report.md").read_text() == "old"


def test_one_that_was_taken_for_a_leftover_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, removed = unfinished._lock, []

    def slow(descriptor: int) -> int | None:
        if not removed:
            removed.extend(names(tmp_path))
            remove_leftovers(tmp_path)
        return lock(descriptor)

    monkeypatch.setattr(unfinished, "_lock", slow)
    assert write_text(tmp_path / "a.txt", "whole").read_text() == "whole"
    assert len(removed) == 1 and names(tmp_path) == ["a.txt"]


def refuse(*_: object) -> None:
    raise OSError("no locks here")


@pytest.mark.parametrize("locks", ["no fcntl", "no locks on this disk"])
def test_without_locks_those_of_the_last_hour_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locks: str) -> None:
    if locks == "no fcntl":
        monkeypatch.setattr(unfinished, "fcntl", None)
    else:
        monkeypatch.setattr("fcntl.flock", refuse)
    write_text(tmp_path / "a.txt", "whole")
    young, old = leftover(tmp_path, "a.txt"), leftover(tmp_path, "a.txt")
    os.utime(old, (time.time() - 7200,) * 2)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [young.name, "a.txt"]


def test_what_another_machine_wrote_in_the_last_hour_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network disk may keep the locks of each machine to itself."""
    young, old = leftover(tmp_path, "young.txt"), leftover(tmp_path, "old.txt")
    os.utime(old, (time.time() - 7200,) * 2)
    monkeypatch.setattr(unfinished, "_HERE", "0000" if unfinished._HERE != "0000" else "1111")
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [young.name]


def test_another_users_go_when_they_are_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    young, old = leftover(tmp_path, "young.txt"), leftover(tmp_path, "old.txt")
    os.utime(old, (time.time() - 7200,) * 2)

    def closed(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(unfinished.os, "open", closed)
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [young.name]


def test_folders_below_only_on_request(tmp_path: Path) -> None:
    below = tmp_path / "a[1]" / "b"
    below.mkdir(parents=True)
    leftover(below, "log.csv")
    remove_leftovers(tmp_path)
    assert len(names(below)) == 1
    remove_leftovers(tmp_path, below=True)
    assert names(below) == []
    remove_leftovers(tmp_path / "not there", below=True)


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, "高" * 85, "ab\udce9"])
def test_any_name_that_a_file_can_have(tmp_path: Path, name: str) -> None:
    leftover(tmp_path, name)
    assert len(names(tmp_path)) == 1
    remove_leftovers(tmp_path)
    assert names(tmp_path) == []
    assert write_text(tmp_path / name, "whole").read_text() == "whole"


def test_files_of_others_stay(tmp_path: Path) -> None:
    for name in ("film.part", ".film.mp4.part", ".film.abcdefgh.part", f"a.{unfinished._HERE}abcdefgh.part"):
        (tmp_path / name).touch()
    before = names(tmp_path)
    remove_leftovers(tmp_path, below=True)
    assert names(tmp_path) == before


def test_nothing_is_left_of_a_write_that_failed(tmp_path: Path) -> None:
    def fail(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(MtserError, match=r"a\.txt: cannot be written \(No space left on device\); free some space"):
        write_atomically(tmp_path / "a.txt", fail)
    assert names(tmp_path) == []
