"""Extractors of batches through the feature store: lengths, half precision, failures, breaks, the space it takes."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from mtser.errors import FeatureError, MtserError
from mtser.features import BatchExtractor, FeatureStore, PretrainedSpeech, UnusableFeaturesError
from mtser.features.batched import MOST_PADDING, batches_of
from mtser.features.shard_folder import _finite
from tests.features.speech_models import N_LAYERS, WIDTH, noise, write_waves


class Loudness(BatchExtractor):
    """Two numbers every 20 ms; counts its calls."""

    dimension, frame_length, frame_step, stored_as, batch_seconds = 2, 0.02, 0.02, "float16", 4.0

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.loaded = self.unloaded = 0

    def settings(self) -> dict[str, Any]:
        return {"class": "Loudness"}

    def n_frames(self, n_samples: int) -> int:
        return n_samples // 320

    def load(self) -> None:
        self.loaded += 1

    def unload(self) -> None:
        self.unloaded += 1

    def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
        self.batches.append([len(one) for one in waveforms])
        frames = [one[: len(one) // 320 * 320].reshape(-1, 320) for one in waveforms]
        return [np.stack([one.std(1), 1e6 * one.mean(1)], 1) for one in frames]


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "store")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Twelve files of 0.2 to 2.4 s in no order, and a copy of one."""
    paths = {}
    for number, waveform in enumerate(noise(*np.random.default_rng(0).permutation(12) * 0.2 + 0.2)):
        paths[f"u{number}"] = tmp_path / f"u{number}.wav"
        soundfile.write(paths[f"u{number}"], waveform, 16000, subtype="FLOAT")
    paths["again"] = shutil.copy(paths["u3"], tmp_path / "again.wav")
    return paths


def test_features_are_those_of_the_extractor_in_half_precision(store: FeatureStore, files: dict[str, Path]) -> None:
    extractor = Loudness()
    found = store.get(extractor, files, progress=False)
    assert list(found) == list(files) and (extractor.loaded, extractor.unloaded) == (1, 1)
    for id, path in files.items():
        assert found[id].dtype == np.float16
        (expected,) = Loudness().extract_batch([soundfile.read(path, dtype="float32")[0]])
        largest = np.finfo(np.float16).max
        np.testing.assert_allclose(found[id], np.clip(expected, -largest, largest), rtol=1e-3)
    frames, n_frames = found.concatenated(list(files))
    assert frames.dtype == np.float16 and len(frames) == n_frames.sum()
    assert found.concatenated([])[0].dtype == np.float16
    size = sum(path.stat().st_size for path in store.folder.glob("*/*.features"))
    assert size < 2 * 2 * sum(n_frames) + 4000


def test_batches_have_similar_lengths(store: FeatureStore, files: dict[str, Path]) -> None:
    extractor = Loudness()
    store.get(extractor, files, progress=False)
    assert sum(map(len, extractor.batches)) == 12  # the copy is none of them
    lengths = [length for batch in extractor.batches for length in batch]
    assert lengths == sorted(lengths, reverse=True)
    assert max(map(len, extractor.batches)) > 1
    for batch in extractor.batches:
        padded = max(batch) * len(batch)
        assert 1 - sum(batch) / padded <= MOST_PADDING and (padded <= 4 * 16000 or len(batch) == 1)


@given(st.lists(st.integers(1, 500)), st.integers(1, 2000))
def test_batches(lengths: list[int], most: int) -> None:
    items = [(str(number), np.zeros(length)) for number, length in enumerate(sorted(lengths, reverse=True))]
    batches = list(batches_of(items, lambda n: n, most))
    assert [key for batch in batches for key, _ in batch] == [key for key, _ in items]
    for batch in batches:
        computed = len(batch) * max(len(one) for _, one in batch)
        assert len(batch) == 1 or computed <= most
        assert 1 - sum(len(one) for _, one in batch) / computed <= MOST_PADDING


def test_a_model_that_always_computes_the_same(files: dict[str, Path]) -> None:
    items = [(str(number), np.zeros(length)) for number, length in enumerate((400, 9, 5, 1))]
    assert [len(batch) for batch in batches_of(items, lambda n: 1000, 3000)] == [3, 1]


def test_a_second_run_computes_only_what_is_missing(store: FeatureStore, files: dict[str, Path]) -> None:
    some = {id: files[id] for id in ("u1", "u2", "u3")}
    store.get(Loudness(), some, progress=False)
    extractor = Loudness()
    store.get(extractor, files, progress=False)
    assert sum(map(len, extractor.batches)) == 9
    extractor = Loudness()
    store.get(extractor, files, progress=False)
    assert not extractor.batches and not extractor.loaded


def test_a_break_keeps_what_was_computed(store: FeatureStore, files: dict[str, Path]) -> None:
    class Interrupted(Loudness):
        def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
            if len(self.batches) == 3:
                raise KeyboardInterrupt
            return super().extract_batch(waveforms)

    broken = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        store.get(broken, files, progress=False)
    assert broken.unloaded == 1
    extractor = Loudness()
    found = store.get(extractor, files, progress=False)
    assert sum(map(len, extractor.batches)) == 12 - sum(map(len, broken.batches)) < 12
    assert set(found) == set(files)


def test_a_bad_file_is_a_failure_and_stops_nothing(store: FeatureStore, files: dict[str, Path]) -> None:
    class Moody(Loudness):
        def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
            found = super().extract_batch(waveforms)
            for number, one in enumerate(waveforms):
                match len(one) // 3200:
                    case 1:
                        raise UnusableFeaturesError("too short", "0.2 s")
                    case 2:
                        raise RuntimeError("a defect")
                    case 3:
                        found[number][0, 0] = np.nan
                    case 4:
                        return found[1:]
            return found

    files["broken"] = files["u0"].with_name("broken.wav")
    files["broken"].write_bytes(b"no audio")
    found = store.get(Moody(), files, progress=False)
    reasons = ["features cannot be computed"] * 2 + ["non-finite features", "too short", "unreadable audio"]
    by_length = {id: len(soundfile.read(path)[0]) // 3200 for id, path in files.items() if id != "broken"}
    failed = {by_length.get(id): reason for id, reason in found.failures.items()}
    assert failed == dict(zip((2, 4, 3, 1, None), reasons, strict=True))
    assert set(found) == {id for id, length in by_length.items() if length > 4}
    for id in found.failures:
        assert str(files[id]) in found.details[id]


def test_an_extractor_that_always_fails_is_an_error(store: FeatureStore, files: dict[str, Path]) -> None:
    class Broken(Loudness):
        def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
            raise RuntimeError("a defect")

    with pytest.raises(FeatureError, match="Loudness failed on each of 12 utterances .*a defect"):
        store.get(Broken(), files, progress=False)


def test_a_full_gpu_is_no_fault_of_an_utterance(store: FeatureStore, files: dict[str, Path]) -> None:
    class Full(Loudness):
        def extract_batch(self, waveforms: list[np.ndarray]) -> list[np.ndarray]:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(MtserError, match=r"\.wav: the GPU has not enough memory for its features; .*--device cpu"):
        store.get(Full(), files, progress=False)


def test_nothing_is_loaded_for_what_is_too_short(store: FeatureStore, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", noise(0.01)[0], 16000)
    extractor = Loudness()
    found = store.get(extractor, {"short": tmp_path / "short.wav"}, progress=False)
    assert found.failures and not extractor.loaded


def test_a_file_that_changes_meanwhile(store: FeatureStore, files: dict[str, Path]) -> None:
    infos = store._index.inspect(files, progress=False)
    soundfile.write(files["u5"], noise(1.0, seed=9)[0], 16000)
    found = store.get(Loudness(), files, infos=infos, progress=False)
    assert found.failures == {"u5": "audio changed"}


def test_the_space_is_told_before_it_begins(
    store: FeatureStore, files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    store.get(Loudness(), files)
    told = capsys.readouterr().err
    bytes_needed = sum(10 * (number + 1) for number in range(12)) * 2 * 2
    assert f"Extracting 12 utterances, 0.0043 hours: {bytes_needed / 1000:.1f} kB in {store.folder}" in told
    assert told.index("Extracting 12") < told.index("12/12")


def test_what_does_not_fit_on_the_disk(
    store: FeatureStore, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 97, 3))
    extractor = Loudness()
    with pytest.raises(MtserError, match=r"need 3\.1 kB, but the disk has 3 B left; keep fewer layers"):
        store.get(extractor, files, progress=False)
    assert not extractor.loaded


def test_damage_is_told_and_mended(store: FeatureStore, files: dict[str, Path]) -> None:
    store.get(Loudness(), files, progress=False)
    (path,) = store.folder.glob("Loudness-*/*.features")
    data = bytearray(path.read_bytes())
    data[-1] ^= 0x10
    path.write_bytes(data)
    extractor = Loudness()
    with pytest.warns(UserWarning, match="1 of 12 utterances are damaged"):
        store.get(extractor, files, progress=False)
    assert sum(map(len, extractor.batches)) == 1


def test_a_real_encoder(store: FeatureStore, files: dict[str, Path], tmp_path: Path) -> None:
    pytest.importorskip("transformers", reason="needs the extra pretrained")
    extractor = PretrainedSpeech(str(write_waves(tmp_path / "hubert", "hubert")), batch_seconds=5)
    found = store.get(extractor, files, progress=False)
    assert not found.failures and found.frame_step == 0.02 and found.frame_length == 0.025
    for id, path in files.items():
        alone = extractor.extract(soundfile.read(path, dtype="float32")[0])
        assert found[id].shape[1] == (N_LAYERS + 1) * WIDTH
        np.testing.assert_allclose(found[id], alone, rtol=2e-3, atol=2e-3)


def test_every_number_of_half_precision_is_finite_or_not() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).view(np.float16).reshape(-1, 2)
    np.testing.assert_array_equal(_finite(every), np.isfinite(every))
    np.testing.assert_array_equal(_finite(every[::2, ::-1]), np.isfinite(every[::2, ::-1]))
