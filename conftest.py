"""What every run of pytest needs, one of the doctests alone, too."""

import sys

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems() -> None:
    """Let hypothesis look through the loaded modules.

    It asks each for its ``__file__``, and SpeechBrain's lazy modules answer that by importing what is not installed
    (k2, flair), which ends the run with an ImportError.
    """
    for module in list(sys.modules.values()):
        if type(module).__module__ == "speechbrain.utils.importutils":
            vars(module).setdefault("__file__", None)
