"""What the tests of sweeps share."""

from pathlib import Path

import pytest

from tests.sweep.sweeps import Sweep


@pytest.fixture
def sweep(tmp_path: Path) -> Sweep:
    """Sweeps of the fake recipe in a folder of the test."""
    return Sweep(tmp_path)
