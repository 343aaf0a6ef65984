"""Temporary files of processes that were killed."""

import os
from pathlib import Path

from mtser.unfinished import unfinished_file


def leftover(folder: Path, name: str) -> Path:
    """What a process that was killed while it wrote a file left."""
    with unfinished_file(folder / name) as (descriptor, temporary):
        os.close(descriptor)
        kept = Path(temporary).rename(folder / "kept")
    return kept.rename(temporary)
