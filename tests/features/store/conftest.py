"""A store and a corpus."""

from pathlib import Path

import pytest

from mtser.features import FeatureStore
from tests.features.store.stores import Paths, write_corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Paths:
    return write_corpus(tmp_path / "corpus", 30)


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "store")
