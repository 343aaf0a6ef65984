"""What a classical model learned, as a file of arrays: numbers and texts, nothing that could be run."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from mtser.errors import ModelError
from mtser.files import write_atomically

FOLDER, FILE = "classical", "classical.npz"
"""In the folder of a fold."""


def write_arrays(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write ``classical.npz`` whole or not at all; returns its path."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return write_atomically(folder / FILE, lambda file: file.write(content.getvalue()))


def read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """What :func:`write_arrays` wrote.

    Raises
    ------
    ModelError
        If the file is missing or damaged.

    Example
    -------
    >>> read_arrays(Path("no/such"))
    Traceback (most recent call last):
    mtser.errors.ModelError: no/such/classical.npz: cannot be read ([Errno 2] No such file or directory: ...).
    """
    try:
        with np.load(folder / FILE, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ModelError(f"{folder / FILE}: cannot be read ({error}).") from error
