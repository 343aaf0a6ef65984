"""Whole sweeps of a recipe that trains nothing: what is started, what is skipped, what survives."""

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sweep.sweeps import Sweep

SEEDS = ("--seeds", "1,2,3")


def wait_for(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def most_at_once(events: list[tuple[str, ...]], begin: str, end: str) -> int:
    """How many runs were between two of their events at the same time."""
    now = most = 0
    for kind, *_ in events:
        now += (kind == begin) - (kind == end)
        most = max(most, now)
    return most


def test_every_system_protocol_and_seed_is_run_once(sweep: Sweep) -> None:
    for name in ("a", "b"):
        sweep.system(name)
    ended = sweep(*SEEDS, "--jobs", 3, protocol="loso,lospo")
    assert ended.code == 0, ended.out
    expected = {f"{s}/mini/{p}/seed_{n}" for s in "ab" for p in ("loso", "lospo") for n in (1, 2, 3)}
    assert set(sweep.metrics()) == expected
    assert len(sweep.events("start")) == 12


def test_runs_start_protocol_by_protocol_with_the_seeds_together(sweep: Sweep) -> None:
    for name in ("a", "b"):
        sweep.system(name)
    sweep("--seeds", "2,1", "--jobs", 1, protocol="lospo,loso")
    started = [run for _, run, _ in sweep.events("start")]
    assert started == [f"{s}/{p}/{n}" for p in ("lospo", "loso") for s in "ab" for n in (2, 1)]


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_as_many_at_once_as_asked_for(sweep: Sweep, jobs: int) -> None:
    sweep.system("a", meet=jobs)
    sweep("--seeds", "1,2,3,4,5,6", "--jobs", jobs)
    assert most_at_once(sweep.events("start", "end"), "start", "end") == jobs


def test_each_run_has_its_threads(sweep: Sweep) -> None:
    sweep.system("a")
    sweep("--jobs", 1, "--threads", 3)
    assert [threads for _, _, threads in sweep.events("start")] == ["3"]


def test_the_number_of_jobs_does_not_change_results(sweep: Sweep) -> None:
    for name in ("a", "b"):
        sweep.system(name)
    sweep(*SEEDS, "--jobs", 1)
    alone = sweep.metrics()
    sweep.results.rename(sweep.folder / "alone")
    sweep(*SEEDS, "--jobs", 5)
    assert len(alone) == 6 and sweep.metrics() == alone


def test_what_is_done_is_skipped(sweep: Sweep) -> None:
    sweep.system("a")
    sweep.system("b", behave="not_applicable")
    first = sweep(*SEEDS)
    sweep.journal.unlink()
    again = sweep(*SEEDS)
    assert (first.code, again.code) == (0, 0) and sweep.events() == []
    assert "6 of them are done already" in again.out
    assert first.out[first.out.index("mini · loso") :] == again.out[again.out.index("mini · loso") :]
    more = sweep("--seeds", "1,2,3,4")
    assert more.code == 0 and {run for _, run, _ in sweep.events("start")} == {"a/loso/4", "b/loso/4"}


def test_other_settings_are_not_taken_for_done(sweep: Sweep) -> None:
    sweep.system("a")
    sweep()
    refused = sweep("--number_of_epochs", 3)
    assert refused.code == 1 and "holds another run" in refused.out
    sweep.journal.unlink()
    assert sweep().code == 0 and sweep.events() == []


def test_a_yaml_that_is_edited_while_a_sweep_is_on(sweep: Sweep) -> None:
    """What b was trained with is not what was planned: it is told, and is not what the first YAML asks for."""
    sweep.system("a", epoch_seconds=0.5)
    sweep.system("b", batch_size=64)
    process = sweep.process("--jobs", 1)
    wait_for(lambda: sweep.events("prepared"))
    sweep.system("b", batch_size=16)
    out, _ = process.communicate(timeout=20)
    said = " ".join(out.split())
    assert process.returncode == 1 and "1 of 2 runs failed: b · loso · seed 1" in said
    assert "holds something else than was planned (batch_size was 64, is 16)" in said
    assert "1 of them are done already" in sweep().out and len(sweep.events("start")) == 3
    assert "2 of them are done already" in sweep().out  # with 16
    sweep.system("b", batch_size=64)
    refused = sweep()
    assert refused.code == 1 and "holds another run" in refused.out


def test_a_result_that_no_table_can_read_is_made_again(sweep: Sweep) -> None:
    sweep.system("a")
    sweep()
    (sweep.results / "a/mini/loso/seed_1/predictions.csv").unlink()
    assert sweep().code == 0
    assert len(sweep.events("start")) == 2 and (sweep.results / "a/mini/loso/seed_1/predictions.csv").is_file()


def test_a_run_that_was_trained_by_hand_is_asked_once(sweep: Sweep) -> None:
    sweep.system("a")
    sweep()
    (sweep.results / "sweep/a/mini/loso/seed_1.json").unlink()
    sweep()
    assert len(sweep.events("start")) == 2
    sweep()
    assert len(sweep.events("start")) == 2


def test_failures_are_isolated_and_told_in_the_end(sweep: Sweep) -> None:
    for name, behave in [("a", "crash"), ("b", "fine"), ("c", "refuse"), ("d", "killed"), ("e", "silent")]:
        sweep.system(name, behave=behave)
    ended = sweep("--seeds", "1,2")
    assert ended.code == 1
    assert set(sweep.metrics()) == {f"b/mini/loso/seed_{seed}" for seed in (1, 2)}
    said = " ".join(ended.out.partition("runs failed:")[2].split())
    log = sweep.results / "sweep"
    for part in [
        f"a · loso · seed 1 RuntimeError: the weights {log}/a/mini/loso/seed_1.log",
        f"c · loso · seed 2 this cannot be. {log}/c/mini/loso/seed_2.log",
        f"d · loso · seed 1 it was ended by SIGKILL, perhaps because memory ran out: give fewer --jobs. {log}",
        "e · loso · seed 1 it ended without a result in",
    ]:
        assert part in said, said
    assert "8 of 10 runs failed" in ended.out and "mtser report" not in ended.out
    log_text = (log / "a/mini/loso/seed_1.log").read_text()
    assert log_text.startswith("$ ") and "Traceback" in log_text
    for name in "acde":
        sweep.system(name)
    sweep.journal.unlink()
    mended = sweep("--seeds", "1,2")
    assert "b/loso/1" not in [run for _, run, _ in sweep.events("start")]
    assert (mended.code, len(sweep.metrics())) == (0, 10)


def test_not_applicable_is_no_failure(sweep: Sweep) -> None:
    sweep.system("a")
    sweep.system("b", behave="not_applicable")
    ended = sweep("--seeds", "1,2")
    assert ended.code == 0 and "failed" not in ended.out
    assert "not applicable: b · loso: the corpus has no attributes." in ended.out
    assert "mtser report" in ended.out


def test_the_first_run_is_alone_until_it_has_read_the_corpus(sweep: Sweep) -> None:
    sweep.system("a", prepare_seconds=0.4)
    sweep("--seeds", "1,2,3,4", "--jobs", 4)
    kinds = [kind for kind, *_ in sweep.events("start", "prepared")]
    assert kinds[:3] == ["start", "prepared", "start"]


def test_features_are_made_by_one_run_at_a_time(sweep: Sweep) -> None:
    """The first run prepares the corpus; then m and n, which need the same, come one after the other, t beside them."""
    sweep.system("a", prepare_seconds=0.1, epoch_seconds=0.5)
    for name, extractor in [("m", "mfcc"), ("n", "mfcc"), ("t", "pitch")]:
        sweep.system(name, prepare_seconds=0.3, extractor=extractor)
    ended = sweep("--seeds", "1", "--jobs", 9)
    mfcc = [event[:2] for event in sweep.events("prepare", "prepared") if event[2:] == ("mfcc",)]
    assert mfcc == [(kind, f"{name}/loso/1") for name in "mn" for kind in ("prepare", "prepared")]
    assert re.findall(r"started +(\w)", ended.out) == ["a", "m", "t", "n"]


def test_seeds_of_one_system_share_its_features(sweep: Sweep) -> None:
    sweep.system("m", extractor="mfcc", prepare_seconds=0.2)
    sweep("--seeds", "1,2,3", "--jobs", 3)
    runs = [run for kind, run, *_ in sweep.events("prepared", "start")]
    assert runs[:2] == ["m/loso/1", "m/loso/1"]  # started and prepared before another started


def test_what_every_system_is_refused_for_is_not_tried_again(sweep: Sweep) -> None:
    """Each system is tried, and each protocol."""
    for name in "abc":
        sweep.system(name, behave="refuse")
    ended = sweep(*SEEDS, protocol="loso,lospo")
    assert ended.code == 1
    assert [run for _, run, _ in sweep.events("start")] == ["a/loso/1", "b/loso/1", "c/loso/1", "a/lospo/1"]
    said = " ".join(ended.out.split())
    assert "14 runs were not started, since every system was refused in the same words" in said
    assert said.endswith("The same command runs again what failed, and what was not started; nothing else.")


def test_what_some_systems_lack_keeps_none_that_do_without_from_running(sweep: Sweep) -> None:
    """A package, say, that two of three need."""
    for name in "ab":
        sweep.system(name, behave="refuse")
    sweep.system("c")
    ended = sweep(*SEEDS)
    assert [run for _, run, _ in sweep.events("start")][:3] == ["a/loso/1", "b/loso/1", "c/loso/1"]
    assert len(sweep.metrics()) == 3 and "6 of 9 runs failed" in ended.out and "not started" not in ended.out


def test_a_protocol_that_is_refused_keeps_no_other_from_running(sweep: Sweep) -> None:
    for name in "ab":
        sweep.system(name, refused_protocol="loso")
    ended = sweep("--seeds", "1,2", protocol="loso,lospo")
    assert len(sweep.metrics()) == 4 and "4 of 8 runs failed" in ended.out and "not started" not in ended.out


def test_one_bad_system_does_not_keep_others_from_running(sweep: Sweep) -> None:
    sweep.system("a", behave="refuse")
    sweep.system("b")
    ended = sweep("--seeds", "1,2")
    assert ended.code == 1 and len(sweep.metrics()) == 2
    assert "2 of 4 runs failed" in ended.out


def test_some_folds_first_then_all(sweep: Sweep) -> None:
    sweep.system("a", n_folds=3)
    some = sweep("--folds", "1,3")
    assert some.code == 0 and "Only 2 folds were run" in some.out
    every = sweep()
    assert every.code == 0 and "Only" not in every.out
    assert [fold["name"] for fold in sweep.metrics()["a/mini/loso/seed_1"]["folds"]] == ["fold_1", "fold_2", "fold_3"]


def test_ctrl_c_stops_every_run_and_the_same_command_goes_on(sweep: Sweep) -> None:
    sweep.system("a", epoch_seconds=0.3, number_of_epochs=4)
    process = sweep.process("--seeds", "1,2", "--jobs", 2)
    wait_for(lambda: len(sweep.events("prepared")) == 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130 and "the same command continues" in err and "Traceback" not in err
    assert sweep.metrics() == {}
    log = (sweep.results / "sweep/a/mini/loso/seed_1.log").read_text()
    assert log.rstrip().endswith("KeyboardInterrupt")  # it was asked, not killed
    assert sweep("--seeds", "1,2").code == 0 and len(sweep.metrics()) == 2


def test_sigterm_stops_every_run(sweep: Sweep) -> None:
    sweep.system("a", epoch_seconds=5)
    process = sweep.process()
    wait_for(lambda: sweep.events("prepared"))
    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_under_nohup_it_outlives_its_terminal(sweep: Sweep) -> None:
    sweep.system("a", epoch_seconds=0.3, number_of_epochs=3)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the process inherits it
    try:
        process = sweep.process()
    finally:
        signal.signal(signal.SIGHUP, before)
    wait_for(lambda: sweep.events("prepared"))
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0 and len(sweep.metrics()) == 1


@pytest.mark.parametrize("name", ["number_of_epochs", "training.patience"])
def test_a_number_that_is_none_is_one_sentence(sweep: Sweep, name: str) -> None:
    sweep.system("a", **{name: "abc"})
    ended = sweep()
    assert ended.code == 2 and f"{name} is 'abc'; it has to be a whole number" in ended.err


def test_killed_twice_and_started_again_gives_the_same_results(sweep: Sweep) -> None:
    for name in ("a", "b"):
        sweep.system(name, epoch_seconds=0.05, number_of_epochs=5, n_folds=3)
    options = ("--seeds", "1,2", "--jobs", 3)
    assert sweep(*options, protocol="loso,lospo").code == 0
    whole = sweep.metrics()
    sweep.results.rename(sweep.folder / "whole")
    sweep.journal.unlink()
    moments = random.Random(0)
    for kill in range(2):
        process = sweep.process(*options, protocol="loso,lospo")
        begun = len(sweep.events("prepared"))
        wait_for(lambda begun=begun: len(sweep.events("prepared")) > begun)
        time.sleep(moments.uniform(0.3, 0.7))
        process.kill()
        process.communicate()
        assert kill or len(sweep.metrics()) < len(whole)
    ended = sweep(*options, protocol="loso,lospo")
    assert ended.code == 0, ended.out
    assert len(whole) == 8 and sweep.metrics() == whole
    assert sweep.events("COLLISION") == []
    started = [run for _, run, _ in sweep.events("start")]
    assert len(started) > len(set(started)), "no run was killed"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux ends a process when its parent is killed")
def test_runs_do_not_outlive_a_killed_sweep(sweep: Sweep) -> None:
    sweep.system("a", epoch_seconds=1, number_of_epochs=60)
    process = sweep.process("--seeds", "1,2", "--jobs", 2)
    wait_for(lambda: len(sweep.events("prepared")) == 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    process.kill()
    process.communicate()
    wait_for(lambda: not any(is_running(int(child)) for child in children), seconds=5)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_two_sweeps_at_once_share_the_work(sweep: Sweep) -> None:
    for name in ("a", "b"):
        sweep.system(name, epoch_seconds=0.05, number_of_epochs=3)
    both = [sweep.process(*SEEDS, "--jobs", 2) for _ in range(2)]
    ends = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert len(sweep.metrics()) == 6 and sweep.events("COLLISION") == []
    ends_of_runs = [run for _, run in sweep.events("end")]
    assert sorted(ends_of_runs) == sorted(set(ends_of_runs))  # none was trained twice
    assert all(out.count("±") == 5 for out, _ in ends)  # and both know all results


def test_a_run_that_is_locked_elsewhere_is_waited_for(sweep: Sweep) -> None:
    from mtser.sweep.lock import RunLock

    sweep.system("a")
    lock = RunLock(sweep.results / "sweep/a/mini/loso/seed_1.lock")
    process = sweep.process("--seeds", "1,2", "--jobs", 2)
    wait_for(lambda: sweep.events("end"))
    time.sleep(0.5)
    assert process.poll() is None and [run for _, run in sweep.events("end")] == ["a/loso/2"]
    lock.release()
    process.communicate(timeout=20)
    assert process.returncode == 0 and len(sweep.metrics()) == 2


def test_a_folder_that_cannot_be_written_is_one_sentence(sweep: Sweep) -> None:
    sweep.system("a")
    sweep.results.write_text("a file")
    ended = sweep()
    assert ended.code == 2 and ended.err.startswith("error: ") and "cannot be written" in ended.err


def test_notes_are_json_beside_the_log(sweep: Sweep) -> None:
    sweep.system("a")
    sweep()
    names = sorted(os.listdir(sweep.results / "sweep/a/mini/loso"))
    assert names == ["seed_1.json", "seed_1.lock", "seed_1.log"]
    assert json.loads((sweep.results / "sweep/a/mini/loso/seed_1.json").read_text())["kind"] == "done"
