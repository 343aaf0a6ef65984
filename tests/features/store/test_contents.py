"""The feature store: what it keeps, and what it computes again."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import AudioIndex, read_audio
from mtser.errors import FeatureError
from mtser.features import FeatureStore, TorchMFCC, computing
from mtser.features import shard_folder as folder_module
from tests.features.store.stores import Levels, Paths, check, shards


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


def test_the_default_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, corpus: Paths) -> None:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    FeatureStore().get(Levels(), corpus, progress=False)
    assert len(list((tmp_path / "cache" / "features").glob("Levels-*/*.features"))) == 1
    assert (tmp_path / "cache" / "audio_index.json").exists()
