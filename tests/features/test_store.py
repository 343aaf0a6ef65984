"""The feature store: what it keeps, what it notices, and what it survives."""

import multiprocessing
import os
import resource
import signal
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mtser.audio import AudioIndex, read_audio
from mtser.errors import FeatureError, MtserError
from mtser.features import FeatureStore, FrameExtractor, StoredFeatures, TorchMFCC, UnusableFeaturesError, computing
from mtser.features import shard_folder as folder_module
from mtser.unfinished import unfinished_file
from tests.helpers.leftovers import leftover

Paths = dict[str, Path]


class Levels(FrameExtractor):
    """A fast extractor that counts its calls: means and extremes of frames of 10 ms."""

    dimension, frame_length, frame_step = 3, 0.01, 0.01

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.calls: list[int] = []

    def settings(self) -> dict[str, Any]:
        return {"class": "Levels", "version": self.version}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        self.calls.append(len(waveform))
        if len(waveform) < 160:
            raise UnusableFeaturesError("shorter than a frame", f"{len(waveform)} samples")
        frames = waveform[: len(waveform) // 160 * 160].reshape(-1, 160)
        return np.stack([frames.mean(axis=1), frames.min(axis=1), frames.max(axis=1)], axis=1) * self.version


def write_corpus(folder: Path, count: int, shortest: int = 800) -> Paths:
    """Noise files, each of its own length."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for number in range(count):
        paths[f"u{number:03}"] = folder / f"u{number:03}.wav"
        values = np.random.default_rng(number).uniform(-0.5, 0.5, shortest + 160 * number)
        soundfile.write(paths[f"u{number:03}"], values, 16000)
    return paths


@pytest.fixture
def corpus(tmp_path: Path) -> Paths:
    return write_corpus(tmp_path / "corpus", 30)


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "store")


def shards(store: FeatureStore) -> list[Path]:
    return sorted(store.folder.glob("*/*.features"))


def leftovers(store: FeatureStore) -> list[Path]:
    return [path for path in store.folder.rglob(".*") if path.is_file()]


def check(found: StoredFeatures, paths: Paths, extractor: FrameExtractor | None = None) -> None:
    """All features are there, and right."""
    assert list(found) == list(paths) and not found.failures
    for id, path in paths.items():
        assert np.array_equal(found[id], (extractor or Levels()).extract(read_audio(path)).astype(np.float32))


def test_features_are_those_of_the_extractor(store: FeatureStore, corpus: Paths) -> None:
    found = store.get(Levels(), corpus, progress=False)
    check(found, corpus)
    assert (found.dimension, found.frame_length, found.frame_step) == (3, 0.01, 0.01)
    assert found["u000"].dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        found["u000"][0, 0] = 1.0


def test_a_second_run_computes_and_reads_nothing(
    store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store.get(Levels(), corpus)
    assert "Extracting features" in capsys.readouterr().err
    monkeypatch.setattr(computing, "read_bytes", None)  # a call would fail
    extractor = Levels()
    check(FeatureStore(store.folder).get(extractor, corpus), corpus)
    assert not extractor.calls
    assert capsys.readouterr().err == ""


def test_few_files(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(), corpus, progress=False)
    assert len(shards(store)) == 1


def test_many_shards(store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "_SHARD_BYTES", 2000)
    check(store.get(Levels(), corpus, progress=False), corpus)
    assert len(shards(store)) > 3
    check(store.get(Levels(), corpus, progress=False), corpus)


def test_shards_grow_with_their_number(store: FeatureStore, corpus: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "_SHARD_BYTES", 1)
    monkeypatch.setattr(folder_module, "_SHARDS_OF_A_SIZE", 1)
    monkeypatch.setattr(folder_module, "_SHARD_SECONDS", 1e9)
    assert [folder_module._enough(n) for n in range(7)] == [1, 2, 4, 8, 16, 16, 16]
    monkeypatch.setattr(folder_module, "_SHARD_BYTES", 500)
    check(store.get(Levels(), corpus, progress=False), corpus)
    sizes = [one.stat().st_size for one in shards(store)]
    assert 2 < len(sizes) < 10 and sizes == sorted(sizes) and sizes[-1] > 3 * sizes[0]


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


def test_only_what_is_missing_is_computed(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(), {id: corpus[id] for id in list(corpus)[:10]}, progress=False)
    extractor = Levels()
    check(store.get(extractor, corpus, progress=False), corpus)
    assert len(extractor.calls) == 20


def test_other_settings_are_other_features(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(1), corpus, progress=False)
    check(store.get(Levels(2), corpus, progress=False), corpus, Levels(2))
    check(store.get(Levels(1), corpus, progress=False), corpus, Levels(1))


def test_the_same_content_is_computed_once(store: FeatureStore, corpus: Paths, tmp_path: Path) -> None:
    moved = {f"{id} again": tmp_path / f"copy of {path.name}" for id, path in corpus.items()}
    for (_, old), new in zip(corpus.items(), moved.values(), strict=True):
        new.write_bytes(old.read_bytes())
    extractor = Levels()
    check(store.get(extractor, {**corpus, **moved}, progress=False), {**corpus, **moved})
    assert len(extractor.calls) == 30


def test_changed_audio_is_computed_again(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(), corpus, progress=False)
    soundfile.write(corpus["u003"], np.random.default_rng(99).uniform(-0.5, 0.5, 5000), 16000)
    check(store.get(Levels(), corpus, progress=False), corpus)


def test_audio_that_changes_after_its_inspection_is_not_stored(store: FeatureStore, corpus: Paths) -> None:
    infos = AudioIndex(store.folder / "i.json").inspect(corpus, progress=False)
    soundfile.write(corpus["u003"], np.random.default_rng(99).uniform(-0.5, 0.5, 5000), 16000)
    found = store.get(Levels(), corpus, infos, progress=False)
    assert found.failures == {"u003": "audio changed"}
    check(store.get(Levels(), corpus, progress=False), corpus)


class Moody(Levels):
    """Fails in every way that a bad file can make an extractor fail."""

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        features = super().extract(waveform)
        match len(features):
            case 6:
                features[3, 1] = np.nan
            case 7:
                features[0, 0] = np.inf
            case 8:
                raise FeatureError("does not like it")
            case 9:
                raise RuntimeError("a defect that one strange file shows")
            case 10:
                return features[:0]
            case 11:
                return features[:, :2]
        return features


def test_a_bad_file_is_a_failure_and_stops_nothing(store: FeatureStore, corpus: Paths, tmp_path: Path) -> None:
    corpus["missing"] = tmp_path / "missing.wav"
    corpus["text"] = tmp_path / "text.wav"
    corpus["text"].write_text("no audio")
    corpus["short"] = tmp_path / "short.wav"
    soundfile.write(corpus["short"], np.linspace(-0.5, 0.5, 100), 16000)
    corpus["silent"] = tmp_path / "silent.wav"
    soundfile.write(corpus["silent"], np.zeros(1000), 16000)
    for _ in range(2):  # failures are not stored, and told every time
        found = store.get(Moody(), corpus, progress=False)
        assert found.failures == {
            "u001": "non-finite features",
            "u002": "non-finite features",
            "u003": "features cannot be computed",
            "u004": "features cannot be computed",
            "u005": "no frames",
            "u006": "features cannot be computed",
            "missing": "no audio file",
            "text": "unreadable audio",
            "short": "shorter than a frame",
            "silent": "silent audio",
        }
        assert len(found) == 24 and "u001" not in found
        assert "1 of 6 rows" in found.details["u001"] and "u001.wav" in found.details["u001"]
        assert "a defect that one strange file shows" in found.details["u004"]
        assert Counter(one.reason for one in found.skipped())["features cannot be computed"] == 3


def test_an_extractor_that_always_breaks_is_an_error(store: FeatureStore, corpus: Paths) -> None:
    class Broken(Levels):
        def extract(self, waveform: np.ndarray) -> np.ndarray:
            raise TypeError("a defect")

    with pytest.raises(FeatureError, match="Levels failed on each of 30 utterances") as error:
        store.get(Broken(), corpus, progress=False)
    assert isinstance(error.value.__cause__, TypeError)
    assert not shards(store)


def test_a_file_that_breaks_an_extractor_does_so_in_the_second_run_too(store: FeatureStore, corpus: Paths) -> None:
    class Choosy(Levels):
        def extract(self, waveform: np.ndarray) -> np.ndarray:
            if np.array_equal(waveform, strange):
                raise TypeError("a defect")
            return super().extract(waveform)

    strange = read_audio(corpus["u003"])
    first, second = (store.get(Choosy(), corpus, progress=False) for _ in range(2))
    assert first.failures == second.failures == {"u003": "features cannot be computed"} and len(second) == 29


def test_nothing_asked_for(store: FeatureStore) -> None:
    found = store.get(Levels(), {}, progress=False)
    assert len(found) == 0
    assert found.concatenated([])[0].shape == (0, 3)


def test_concatenated(store: FeatureStore, corpus: Paths) -> None:
    found = store.get(Levels(), corpus, progress=False)
    ids = ["u007", "u002", "u007"]
    frames, lengths = found.concatenated(ids)
    assert lengths.tolist() == [12, 7, 12] == found.n_frames(ids).tolist()
    assert np.array_equal(frames, np.concatenate([found[id] for id in ids]))
    frames[0] = 0.0  # a copy
    assert found["u007"][0].any()


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_the_same_for_any_number_of_threads(tmp_path: Path, corpus: Paths, n_jobs: int) -> None:
    one = FeatureStore(tmp_path / "one").get(TorchMFCC(), corpus, n_jobs=1, progress=False)
    other = FeatureStore(tmp_path / "other").get(TorchMFCC(), corpus, n_jobs=n_jobs, progress=False)
    assert all(np.array_equal(one[id], other[id]) for id in corpus)


# Damage


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    path.write_bytes(data)


def test_a_damaged_entry_is_computed_again_and_told(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(), corpus, progress=False)
    flip(shards(store)[0], -1)
    extractor = Levels()
    with pytest.warns(UserWarning, match="1 of 30 utterances are damaged"):
        found = store.get(extractor, corpus, progress=False)
    check(found, corpus)
    assert len(extractor.calls) == 1
    with warnings.catch_warnings():  # mended: told once
        warnings.simplefilter("error")
        check(store.get(Levels(), corpus, progress=False), corpus)


@pytest.mark.parametrize("position", range(0, 2400, 97))
def test_a_flipped_bit_anywhere_never_reaches_a_user(store: FeatureStore, corpus: Paths, position: int) -> None:
    store.get(Levels(), corpus, progress=False)
    flip(shards(store)[0], position)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # padding may be hit: no damage
        check(store.get(Levels(), corpus, progress=False), corpus)


@pytest.mark.parametrize("size", [0, 5, 100, 3000, -40])
def test_a_shortened_file_is_computed_again(store: FeatureStore, corpus: Paths, size: int) -> None:
    store.get(Levels(), corpus, progress=False)
    (path,) = shards(store)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.warns(UserWarning, match="damaged"):
        check(store.get(Levels(), corpus, progress=False), corpus)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(store.get(Levels(), corpus, progress=False), corpus)


def test_a_foreign_file_is_not_taken_for_features(store: FeatureStore, corpus: Paths) -> None:
    store.get(Levels(), corpus, progress=False)
    (shards(store)[0].parent / "99999999999999999999-0.features").write_text("something else")
    with pytest.warns(UserWarning, match="no file of this store"):
        check(store.get(Levels(), corpus, progress=False), corpus)


# Interruption


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


# A full disk


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


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, corpus: Paths) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    FeatureStore().get(Levels(), corpus, progress=False)
    assert len(list((tmp_path / "cache" / "features").glob("Levels-*/*.features"))) == 1
    assert (tmp_path / "cache" / "audio_index.json").exists()
