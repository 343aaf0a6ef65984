"""The feature store: a full disk, and too many open files."""

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mtser.audio import AudioIndex
from mtser.errors import FeatureError, MtserError
from mtser.features import FeatureStore
from mtser.features import shard_folder as folder_module
from tests.features.store.stores import Levels, Paths, check, leftovers, shards


@pytest.fixture
def few_open_files() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + 12, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture
def thirty_shards(store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    """One an utterance."""
    monkeypatch.setattr(folder_module, "_SHARD_BYTES", 1)
    monkeypatch.setattr(folder_module, "_SHARDS_OF_A_SIZE", 1000)
    store.get(Levels(), corpus, progress=False)
    assert len(shards(store)) == 30


@pytest.mark.usefixtures("thirty_shards", "few_open_files")
def test_more_shards_than_files_may_be_open(store: FeatureStore, corpus: Paths) -> None:
    extractor = Levels()
    check(FeatureStore(store.folder).get(extractor, corpus, progress=False), corpus)
    assert not extractor.calls


@pytest.mark.usefixtures("thirty_shards", "few_open_files")
def test_shards_that_cannot_be_opened_now_stay(
    store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "allow_open_files", lambda n: None)
    with pytest.raises(FeatureError, match=r"cannot be read \(Too many open files\).*ulimit -n"):
        FeatureStore(store.folder).get(Levels(), corpus, progress=False)
    assert len(shards(store)) == 30


def test_a_full_disk_is_one_clear_error(store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    infos = AudioIndex(store.folder / "i.json").inspect(corpus, progress=False)
    monkeypatch.setattr(folder_module, "_SHARD_BYTES", 5000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))  # files may not grow beyond this
        with pytest.raises(MtserError, match="cannot be written .*free some space") as error:
            store.get(Levels(), corpus, infos, progress=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, previous)
    assert "Traceback" not in str(error.value) and "\n" not in str(error.value)
    assert not leftovers(store) and not shards(store)
    check(store.get(Levels(), corpus, infos, progress=False), corpus)


def test_what_was_written_before_the_disk_was_full_stays(
    store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = folder_module.write_shard, []

    def full_after_two(folder: Path, features: dict[str, np.ndarray], dimension: int, precision: str) -> Path:
        if len(written) == 2:
            raise MtserError("no space left")
        written.append(real(folder, features, dimension, precision))
        return written[-1]

    monkeypatch.setattr(folder_module, "_SHARD_BYTES", 2000)
    monkeypatch.setattr(folder_module, "write_shard", full_after_two)
    with pytest.raises(MtserError, match="no space left"):
        store.get(Levels(), corpus, progress=False)
    monkeypatch.undo()
    extractor = Levels()
    check(store.get(extractor, corpus, progress=False), corpus)
    assert 0 < len(extractor.calls) < 30


def test_a_folder_that_cannot_be_made(corpus: Paths, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MtserError, match="choose another folder"):
        FeatureStore(tmp_path / "file" / "store").get(Levels(), corpus, progress=False)
