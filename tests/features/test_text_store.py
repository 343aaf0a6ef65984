"""Vectors of words through the feature store: kept, checked and resumed like features of audio."""

import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mtser.corpora import Corpus, Utterance, Word
from mtser.errors import FeatureError, MtserError
from mtser.features import FeatureStore, StoredFeatures, TextExtractor, TorchMFCC, UnusableFeaturesError
from mtser.features.source import FeatureSource

Texts = dict[str, list[str]]


class Codes(TextExtractor):
    """A word's first letter and its length, and the number of words; counts its calls."""

    dimension, batch_size = 3, 4

    def __init__(self, version: int = 1) -> None:
        self.version = version
        self.batches: list[list[tuple[str, ...]]] = []

    def settings(self) -> dict[str, Any]:
        return {"class": "Codes", "version": self.version}

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        self.batches.append(texts)
        return [np.array([[ord(word[0]), len(word), len(words)] for word in words], np.float64) for words in texts]


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "store")


@pytest.fixture
def texts() -> Texts:
    """Ten texts of nine contents, long ones first."""
    texts = {f"u{number}": [f"{chr(97 + number)}{'x' * word}" for word in range(9 - number)] for number in range(9)}
    return {**texts, "again": texts["u3"]}


def check(found: StoredFeatures, texts: Texts) -> None:
    assert list(found) == list(texts) and not found.failures
    for id, words in texts.items():
        assert found[id].dtype == np.float32
        assert found[id].tolist() == [[ord(word[0]), len(word), len(words)] for word in words]


def n_texts(extractor: Codes) -> int:
    return sum(map(len, extractor.batches))


def test_vectors_are_those_of_the_extractor(store: FeatureStore, texts: Texts) -> None:
    extractor = Codes()
    found = store.get_texts(extractor, texts, progress=False)
    check(found, texts)
    assert found.dimension == 3 and not hasattr(found, "frame_length")
    assert n_texts(extractor) == 9 and all(len(batch) <= 4 for batch in extractor.batches)
    lengths = [len(words) for batch in extractor.batches for words in batch]
    assert lengths == sorted(lengths)  # little padding


def test_a_second_run_computes_only_what_is_missing(
    store: FeatureStore, texts: Texts, capsys: pytest.CaptureFixture[str]
) -> None:
    store.get_texts(Codes(), {id: texts[id] for id in ("u1", "u2")})
    assert "2/2" in capsys.readouterr().err
    extractor = Codes()
    check(store.get_texts(extractor, texts, progress=False), texts)
    assert n_texts(extractor) == 7
    extractor = Codes()
    check(FeatureStore(store.folder).get_texts(extractor, texts), texts)
    assert not extractor.batches and capsys.readouterr().err == ""


def test_the_vectors_of_turns_before_are_not_kept(
    store: FeatureStore, texts: Texts, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {id: min(2, len(words)) for id, words in texts.items()}
    for _ in range(2):
        found = store.get_texts(Codes(), texts, n_own=own)
        for id, words in texts.items():
            assert found[id].tolist() == [[ord(word[0]), len(word), len(words)] for word in words[-own[id] :]]
    n_words = sum(own.values()) - own["again"]
    told = capsys.readouterr().err
    assert told.count("Extracting 9 texts") == 1 and f"{n_words} words: {n_words * 3 * 4} B in {store.folder}" in told
    check(store.get_texts(Codes(), texts, progress=False), texts)  # whole texts have other keys


def test_what_does_not_fit_on_the_disk(store: FeatureStore, texts: Texts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(100, 97, 3))
    extractor = Codes()
    with pytest.raises(MtserError, match=r"need 540 B, but the disk has 3 B left"):
        store.get_texts(extractor, texts, progress=False)
    assert not extractor.batches


def test_a_full_gpu_is_no_fault_of_a_text(store: FeatureStore, texts: Texts) -> None:
    class Full(Codes):
        def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(MtserError, match=r'"i": the GPU has not enough memory for its features; .*--device cpu'):
        store.get_texts(Full(), texts, progress=False)


def test_words_are_the_key_not_their_letters(store: FeatureStore) -> None:
    texts = {"a": ["to", "day"], "b": ["today"], "c": ["To", "day"], "e": ["to", "däy"], "f": ['"', "a"]}
    check(store.get_texts(Codes(), texts, progress=False), texts)
    check(store.get_texts(Codes(), texts, progress=False), texts)


def test_other_settings_are_other_vectors(store: FeatureStore, texts: Texts) -> None:
    store.get_texts(Codes(1), texts, progress=False)
    extractor = Codes(2)
    check(store.get_texts(extractor, texts, progress=False), texts)
    assert n_texts(extractor) == 9 and len(list(store.folder.glob("Codes-*"))) == 2


class Moody(Codes):
    """Fails in every way, by the first letter of the first word."""

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        vectors = super().extract_batch(texts)
        for number, words in enumerate(texts):
            match words[0][0]:
                case "a":
                    vectors[number][0, 0] = np.nan
                case "b":
                    raise UnusableFeaturesError("too many words", "600 words")
                case "c":
                    raise FeatureError("does not like it")
                case "d":
                    raise RuntimeError("a defect")
                case "e":
                    vectors[number] = vectors[number][:1]
                case "f":
                    return vectors[1:]
        return vectors


def test_a_bad_text_is_a_failure_and_stops_nothing(store: FeatureStore, texts: Texts) -> None:
    texts["empty"] = []
    for _ in range(2):
        found = store.get_texts(Moody(), texts, progress=False)
        assert found.failures == {
            "u0": "non-finite features",
            "u1": "too many words",
            "u2": "features cannot be computed",
            "u3": "features cannot be computed",
            "u4": "features cannot be computed",
            "u5": "features cannot be computed",
            "again": "features cannot be computed",
            "empty": "no words",
        }
        assert list(found) == ["u6", "u7", "u8"]
        assert found.details["u1"].startswith('"b bx bxx') and found.details["u1"].endswith('...": 600 words')
        assert "[5, 3]" in found.details["u4"] and "0 utterances instead of 1" in found.details["u5"]
    extractor = Moody()
    store.get_texts(extractor, texts, progress=False)
    assert not {words[0][0] for batch in extractor.batches for words in batch} & set("ghi")  # those are stored


def test_an_extractor_that_always_fails_is_an_error(store: FeatureStore) -> None:
    with pytest.raises(FeatureError, match="Codes failed on each of 2 utterances .*a defect"):
        store.get_texts(Moody(), {"1": ["d"], "2": ["dd"]}, progress=False)


def test_a_break_keeps_what_was_computed(store: FeatureStore, texts: Texts) -> None:
    class Interrupted(Codes):
        def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
            if len(self.batches) == 2:
                raise KeyboardInterrupt
            return super().extract_batch(texts)

    with pytest.raises(KeyboardInterrupt):
        store.get_texts(Interrupted(), texts, progress=False)
    extractor = Codes()
    check(store.get_texts(extractor, texts, progress=False), texts)
    assert n_texts(extractor) == 1


def test_damage_is_told_and_mended(store: FeatureStore, texts: Texts) -> None:
    store.get_texts(Codes(), texts, progress=False)
    (path,) = store.folder.glob("Codes-*/*.features")
    data = bytearray(path.read_bytes())
    data[-1] ^= 0x10
    path.write_bytes(data)
    extractor = Codes()
    with pytest.warns(UserWarning, match="1 of 9 utterances are damaged") as told:
        check(store.get_texts(extractor, texts, progress=False), texts)
    assert told[0].filename == __file__ and n_texts(extractor) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(store.get_texts(Codes(), texts, progress=False), texts)


def test_a_source_gives_the_words_of_its_corpus_once(store: FeatureStore, texts: Texts, tmp_path: Path) -> None:
    def utterance(id: str, words: list[str]) -> Utterance:
        times = tuple(Word(word, number, number + 1.0) for number, word in enumerate(words))
        return Utterance(id, f"{id}.wav", 9.0, "S1", "angry", " ".join(words), times)

    said = [utterance(id, words) for id, words in texts.items()]
    corpus = Corpus("C", tmp_path, ("angry",), tuple(said[2:]), context=tuple(said[:2]))
    source = FeatureSource(corpus, store, progress=False)
    extractor = Codes()
    found = source.texts(extractor)
    assert source.texts(Codes()) is found and n_texts(extractor) == 9
    check(found, {id: texts[id] for id in found})
    assert set(found) == set(texts)
    assert set(source.features(TorchMFCC()).failures) == set(texts)  # audio is another thing: there is none
