"""What the tests of the corpora share."""

from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from tests.corpora.iemocap_writer import IemocapWriter


@pytest.fixture
def iemocap(tmp_path: Path) -> IemocapWriter:
    """A writer into an empty folder."""
    return IemocapWriter(tmp_path / "IEMOCAP")


@pytest.fixture
def index(tmp_path: Path) -> AudioIndex:
    """An audio index that remembers nothing of other tests."""
    return AudioIndex(tmp_path / "index.json")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
