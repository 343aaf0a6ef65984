"""Work in processes: where it is done, what comes back, what becomes of a process that dies."""

import gc
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest

from mtser.alignment.word_times import UnusableAlignmentError
from mtser.apart import Apart, Processes
from mtser.audio import UnusableAudioError


class Slow:
    """A tool that tells in which process it was at work."""

    def place(self, n: int) -> tuple[int, int]:
        time.sleep(0.02)
        return n, os.getpid()

    def refuse(self, kind: type[Exception], *arguments: Any) -> None:
        raise kind(*arguments)

    def die(self) -> None:
        os._exit(1)

    def die_once(self, file: str) -> str:
        """The first process does, before the file is there."""
        if Path(file).exists():
            return "answered"
        Path(file).touch()
        os._exit(1)


def answers(apart: Apart, n: int) -> list[tuple[int, int]]:
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda number: apart.call("place", number), range(n)))


@pytest.fixture
def apart() -> Apart:
    """Whose processes are at work."""
    made = Apart(Slow(), Processes(2, little=0.1))
    while {place for _, place in answers(made, 30)} & {os.getpid()}:
        pass
    return made


def test_many_calls_are_answered_in_several_processes_and_in_the_end_by_them_alone(apart: Apart) -> None:
    found = answers(apart, 60)
    assert [number for number, _ in found] == list(range(60))
    places = {place for _, place in found}
    assert os.getpid() not in places and len(places) == 2


def test_a_few_need_no_other_process() -> None:
    assert {place for _, place in answers(Apart(Slow(), Processes(2)), 20)} == {os.getpid()}


def test_while_processes_start_work_goes_on_here() -> None:
    found = answers(Apart(Slow(), Processes(2)), 200)
    assert found[0][1] == os.getpid() != found[-1][1]


def test_tools_share_processes(apart: Apart) -> None:
    other = Apart(Slow(), apart._processes)
    assert {place for _, place in answers(other, 30)} == {place for _, place in answers(apart, 30)}


def same(error: Exception) -> tuple[Any, ...]:
    return type(error), str(error), error.__dict__


@pytest.mark.parametrize(
    "make",
    [
        lambda: (UnusableAlignmentError, "no pronunciation", "'xyzzy'"),
        lambda: (UnusableAudioError, "a.wav", "silent audio", "every sample is 0", 2.5),
        lambda: (ValueError, "one", 2),
    ],
)
def test_errors_come_back_as_they_are(apart: Apart, make: Callable[[], tuple[Any, ...]]) -> None:
    kind, *arguments = make()
    with pytest.raises(kind) as caught:
        apart.call("refuse", kind, *arguments)
    assert same(caught.value) == same(kind(*arguments))


def test_a_process_that_dies_is_told_and_replaced(apart: Apart) -> None:
    with pytest.raises(RuntimeError, match="the process that worked on it died, twice"):
        apart.call("die")
    assert [number for number, _ in answers(apart, 30)] == list(range(30))


def test_who_died_with_another_s_process_is_answered_all_the_same(apart: Apart, tmp_path: Path) -> None:
    assert apart.call("die_once", str(tmp_path / "died")) == "answered"


def test_several_threads_make_one_file_and_it_is_deleted_with_the_tool() -> None:
    for _ in range(20):
        made = Apart(Slow(), Processes(2))
        start = Barrier(4)

        def file(made: Apart = made, start: Barrier = start) -> str:
            start.wait()
            return made.file

        with ThreadPoolExecutor(4) as pool:
            (one,) = {future.result() for future in [pool.submit(file) for _ in range(4)]}
        assert Path(one).is_file()
        del made, file
        gc.collect()
        assert not Path(one).exists()


def test_what_cannot_be_pickled_is_known_before() -> None:
    tool = Slow()
    assert Apart(tool, Processes(2)).can_be_sent
    tool.lock = Lock()  # type: ignore[attr-defined]
    assert not Apart(tool, Processes(2)).can_be_sent


def test_another_number_of_processes(apart: Apart) -> None:
    apart._processes.resize(1)
    apart._processes._are_ready = True  # none is here
    assert len({place for _, place in answers(apart, 30)}) == 1


def test_what_cannot_be_sent_is_told(apart: Apart, tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file, pytest.raises(Exception, match=r"pickle"):
        apart.call("place", file)
    assert len(answers(apart, 10)) == 10
