"""The feature store: damaged files never reach a user."""

import warnings
from pathlib import Path

import pytest

from mtser.features import FeatureStore
from tests.features.store.stores import Levels, Paths, check, shards


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
