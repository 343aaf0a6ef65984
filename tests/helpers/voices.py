"""Speech for tests that is the same whatever was said before."""

import shutil
from pathlib import Path
from unittest import mock

import pytest

from mtser.corpora.mini.espeak import Espeak


def own_espeak(folder: Path) -> Espeak:
    """espeak-ng from a copy of its library: it keeps state, which other tests would change."""
    loader = pytest.importorskip("espeakng_loader")
    library = shutil.copy(loader.get_library_path(), folder)
    with mock.patch.object(loader, "get_library_path", lambda: library):
        return Espeak()
