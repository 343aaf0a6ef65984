"""The feature store: breaks, kills, and several users at once."""

import multiprocessing
import os
import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pytest

from mtser.features import FeatureStore
from mtser.features import shard_folder as folder_module
from mtser.unfinished import unfinished_file
from tests.features.store.stores import Levels, Paths, check, leftovers, shards
from tests.helpers.leftovers import leftover


def test_a_break_keeps_what_was_computed(store: FeatureStore, corpus: Paths) -> None:
    class Interrupted(Levels):
        def extract(self, waveform: np.ndarray) -> np.ndarray:
            if len(self.calls) == 20:
                raise KeyboardInterrupt
            return super().extract(waveform)

    with pytest.raises(KeyboardInterrupt):
        store.get(Interrupted(), corpus, n_jobs=1, progress=False)
    extractor = Levels()
    check(store.get(extractor, corpus, progress=False), corpus)
    assert len(extractor.calls) == 10


class Slow(Levels):
    def extract(self, waveform: np.ndarray) -> np.ndarray:
        time.sleep(0.02)
        return super().extract(waveform)


def slow_run(folder: Path, paths: Paths) -> None:
    """Extraction with a shard every few utterances."""
    folder_module._SHARD_BYTES = 1500
    FeatureStore(folder).get(Slow(), paths, n_jobs=2, progress=False)


def started(store: FeatureStore, corpus: Paths) -> BaseProcess:
    """A slow run in a process of its own (forked: importing torch anew would take longer than the test)."""
    process = multiprocessing.get_context("fork").Process(target=slow_run, args=(store.folder, corpus))
    process.start()
    return process


def test_a_run_that_is_killed_goes_on_where_it_was(store: FeatureStore, corpus: Paths) -> None:
    process = started(store, corpus)
    deadline = time.monotonic() + 60
    while len(shards(store)) < 2 and process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    extractor = Levels()
    check(store.get(extractor, corpus, progress=False), corpus)
    assert 0 < len(extractor.calls) < 30


def test_half_written_files_of_killed_runs_are_removed(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(), dict(list(corpus.items())[:1]), progress=False)
    folder = shards(store)[0].parent
    for name in ("1-a.features", "settings.json"):
        leftover(folder, name)
    with unfinished_file(folder / "2-b.features") as (descriptor, being_written):
        check(store.get(Levels(), corpus, progress=False), corpus)
        assert leftovers(store) == [Path(being_written)]
        os.close(descriptor)


def test_processes_at_the_same_time(store: FeatureStore, corpus: Paths) -> None:
    processes = [started(store, corpus) for _ in range(2)]
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    extractor = Levels()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(store.get(extractor, corpus, progress=False), corpus)
    assert not extractor.calls and not leftovers(store)


def test_threads_at_the_same_time(store: FeatureStore, corpus: Paths) -> None:
    start = threading.Barrier(4)

    def work(_: int) -> None:
        start.wait()
        check(FeatureStore(store.folder).get(Levels(), corpus, progress=False), corpus)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
