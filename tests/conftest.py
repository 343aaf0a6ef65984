"""What several tests share."""

import os
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from mtser.cores import n_cores

settings.register_profile("mtser", deadline=None)  # no test is one of speed
settings.load_profile("mtser")

if "PYTEST_XDIST_WORKER" in os.environ:  # the cores are taken by as many processes
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# On a GPU SpeechBrain, and for recurrent nets PyTorch, allow products of 10 bits of precision (TF32); tests compare
# with the CPU's.
os.environ.setdefault("SB_DISABLE_QUIRKS", "allow_tf32")
torch.backends.cudnn.allow_tf32 = False


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many tests run at once with ``-n auto``: one a core, and at most eight, as each process takes its memory."""
    return min(n_cores(), 8)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real corpora for tests: ``$MTSER_TEST_DATA``, else ``../shared/data`` beside the checkout."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("MTSER_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no real speech for tests: {folder} is absent (set MTSER_TEST_DATA to a folder that has it)")
    return folder
