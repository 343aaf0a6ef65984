"""What the tests of training share: one tiny corpus, and one cache for its features."""

import shutil
from pathlib import Path

import pytest

from tests.training.recipe import Recipe
from tests.training.tiny_corpus import write_tiny_corpus


@pytest.fixture(scope="session")
def _shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cache(_shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("MTSER_CACHE", str(_shared_cache))
    return _shared_cache


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    return write_tiny_corpus(tmp_path_factory.mktemp("corpora") / "tiny").root


@pytest.fixture
def own_corpus(tiny_corpus: Path, tmp_path: Path) -> Path:
    """A copy of the tiny corpus that may be changed."""
    return shutil.copytree(tiny_corpus, tmp_path / "corpus")


@pytest.fixture
def recipe(tiny_corpus: Path, tmp_path: Path) -> Recipe:
    """The recipe on the tiny corpus, with results in a folder of the test."""
    return Recipe(tiny_corpus, tmp_path / "results")
