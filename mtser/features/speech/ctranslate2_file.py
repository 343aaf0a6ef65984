"""Reading the weights of a Whisper model that was converted for CTranslate2 (``model.bin``): a plain list of arrays.

Layout, little-endian: the version of the format (4 bytes), the model's kind, its revision (4 bytes), the number of
arrays (4 bytes), then each array's name, number of dimensions (1 byte), dimensions (4 bytes each), type (1 byte),
number of bytes (4 bytes) and bytes. A text is its length (2 bytes) and its bytes, the last one zero.
"""

import math
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mtser.errors import FeatureError

_TYPES: dict[int, np.dtype[Any]] = {
    number: np.dtype(name) for number, name in enumerate(("<f4", "i1", "<i2", "<i4", "<f2"))
}
_KIND = "WhisperSpec"
_MOST_DIMENSIONS = 8


class CTranslate2File:
    """What lies in the file; arrays are read when they are asked for.

    Parameters
    ----------
    path
        Of ``model.bin``.

    Raises
    ------
    FeatureError
        If it is none of a Whisper model, or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, tuple[int, int, tuple[int, ...], int]] = {}
        try:
            with path.open("rb") as file:
                self._read_index(file)
        except (OSError, struct.error, ValueError) as error:
            raise FeatureError(f"{path}: is no Whisper model of CTranslate2 ({error}).") from error

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def shape(self, name: str) -> tuple[int, ...]:
        """Of an array.

        Raises
        ------
        FeatureError
            If there is no array of this name.
        """
        return self._place(name)[2]

    def __getitem__(self, name: str) -> np.ndarray:
        """The array of a name; half precision becomes float32.

        Raises
        ------
        FeatureError
            If there is none, or it is quantised.
        """
        start, size, shape, kind = self._place(name)
        if kind not in (0, 4):
            raise FeatureError(
                f"{self.path}: its weights are quantised; only CTranslate2 itself reads them (engine: ctranslate2)."
            )
        with self.path.open("rb") as file:
            file.seek(start)
            return np.frombuffer(file.read(size), dtype=_TYPES[kind]).reshape(shape).astype(np.float32)

    def number(self, name: str) -> int:
        """A whole number of a name."""
        start, size, _, kind = self._place(name)
        with self.path.open("rb") as file:
            file.seek(start)
            return int(np.frombuffer(file.read(size), dtype=_TYPES[kind])[0])

    def _place(self, name: str) -> tuple[int, int, tuple[int, ...], int]:
        if name not in self._places:
            raise FeatureError(f"{self.path}: has no {name}; convert the model anew.")
        return self._places[name]

    def _read_index(self, file: BinaryIO) -> None:
        size = self.path.stat().st_size
        (version,) = struct.unpack("<I", file.read(4))
        if not 2 <= version <= 6 or (kind := _text(file)) != _KIND:
            raise ValueError("it begins otherwise" if not 2 <= version <= 6 else f"but a {kind}")
        _, count = struct.unpack("<II", file.read(8))
        for _ in range(count):
            name = _text(file)
            (rank,) = struct.unpack("<B", file.read(1))
            if rank > _MOST_DIMENSIONS:
                raise ValueError("it is damaged")
            shape = struct.unpack(f"<{rank}I", file.read(4 * rank))
            kind_number, n_bytes = struct.unpack("<BI", file.read(5))
            start = file.tell()
            if start + n_bytes > size:
                raise ValueError("it ends too early")
            if kind_number not in _TYPES or n_bytes != math.prod(shape) * _TYPES[kind_number].itemsize:
                raise ValueError("it is damaged")
            self._places[name] = (start, n_bytes, shape, kind_number)
            file.seek(n_bytes, 1)


def _text(file: BinaryIO) -> str:
    (length,) = struct.unpack("<H", file.read(2))
    return file.read(length).rstrip(b"\0").decode("utf-8", "replace")
