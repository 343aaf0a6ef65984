"""What several tests share."""

import os
from pathlib import Path

import pytest
import torch

torch.backends.cudnn.allow_tf32 = False  # of tests on a GPU: convolutions and recurrent nets are in full precision, too


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real corpora for tests: ``$MTSER_TEST_DATA``, else ``../shared/data`` beside the checkout."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MTSER_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real speech for tests: {folder} is absent (set MTSER_TEST_DATA to a folder that has it)")
    return folder
