"""What several tests share."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("mtser", deadline=None)  # no test is one of speed
settings.load_profile("mtser")

# On a GPU SpeechBrain allows products of 10 bits of precision (TF32); tests compare with the CPU's.
os.environ.setdefault("SB_DISABLE_QUIRKS", "allow_tf32")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real corpora for tests: ``$MTSER_TEST_DATA``, else ``../shared/data`` beside the checkout."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MTSER_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real speech for tests: {folder} is absent (set MTSER_TEST_DATA to a folder that has it)")
    return folder
