"""One file of the feature store: many utterances' features behind one index, each with its checksum.

Layout: eight bytes of magic, the length of the index (8 bytes, little-endian), the index (JSON), the SHA-256 of the
index, zeros up to a multiple of 64 bytes, then the features: float32 or float16 ``[rows, dimension]``, utterance after
utterance. The index holds the precision, and for each utterance its key, its number of frames and the CRC-32 of its
bytes.
"""

import hashlib
import json
import os
import time
import uuid
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mtser.files import write_atomically

SUFFIX = ".features"
_MAGIC = b"mtserF1\n"
_ALIGNMENT = 64
_PRECISIONS = {"float32": "<f4", "float16": "<f2"}
_LONGEST_INDEX = 1 << 30  # bytes; a longer one is damage


class DamagedShardError(Exception):
    """A file of the store is not as it was written; the message says what is wrong."""


def write_shard(folder: Path, features: Mapping[str, np.ndarray], dimension: int, precision: str = "float32") -> Path:
    """Write one shard, atomically, under a name of its own that sorts behind all earlier ones.

    Parameters
    ----------
    folder
        Where to.
    features
        Key → ``[frames, dimension]``.
    dimension
        Values a frame.
    precision
        "float32" or "float16".

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    MtserError
        If the disk is full or the folder cannot be written; nothing is left behind.
    """
    arrays = [np.ascontiguousarray(array, dtype=_PRECISIONS[precision]) for array in features.values()]
    index = json.dumps(
        {
            "dimension": dimension,
            "precision": precision,
            "keys": list(features),
            "frames": [len(array) for array in arrays],
            "crc32": [zlib.crc32(array.data) for array in arrays],
        }
    ).encode()
    head = _MAGIC + len(index).to_bytes(8, "little") + index + hashlib.sha256(index).digest()

    def write(file: BinaryIO) -> None:
        file.write(head + bytes(-len(head) % _ALIGNMENT))
        for array in arrays:
            file.write(array.data)

    return write_atomically(folder / f"{time.time_ns():020}-{uuid.uuid4().hex[:8]}{SUFFIX}", write)


class Shard:
    """A shard opened for reading, memory-mapped.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    DamagedShardError
        If the index is damaged, or the file shorter or longer than the index says.
    FileNotFoundError
        If there is no such file (another process may have removed it).

    Example
    -------
    >>> import tempfile
    >>> path = write_shard(Path(tempfile.mkdtemp()), {"a": np.ones((3, 2)), "b": np.zeros((1, 2))}, 2)
    >>> shard = Shard(path)
    >>> list(shard.positions), shard.damaged(["a", "b"]), shard["a"].shape
    (['a', 'b'], [], (3, 2))
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            magic, length = file.read(8), int.from_bytes(file.read(8), "little")
            if magic != _MAGIC or length > _LONGEST_INDEX:
                raise DamagedShardError("is no file of this store")
            index, checksum = file.read(length), file.read(32)
            if hashlib.sha256(index).digest() != checksum:
                raise DamagedShardError("the index is damaged")
            content = json.loads(index)
            start = file.tell() + -file.tell() % _ALIGNMENT
            kind = np.dtype(_PRECISIONS[content.get("precision", "float32")])  # older files do not tell it
            frames = np.array(content["frames"], dtype=np.int64)
            rows, dimension = int(frames.sum()), content["dimension"]
            if size != (expected := start + kind.itemsize * rows * dimension):
                raise DamagedShardError(f"the file has {size} bytes instead of {expected}")
            mapped = np.memmap(file, dtype=kind, mode="r", offset=start, shape=(rows, dimension))
        self._rows = np.asarray(mapped)  # slices of a plain array are made much faster than those of a memmap
        ends = np.cumsum(frames)
        self.positions: dict[str, tuple[int, int]] = dict(
            zip(content["keys"], zip((ends - frames).tolist(), ends.tolist(), strict=True), strict=True)
        )
        self._checksums: dict[str, int] = dict(zip(content["keys"], content["crc32"], strict=True))

    def __getitem__(self, key: str) -> np.ndarray:
        """The features under a key: read-only ``[frames, dimension]`` in the file."""
        start, stop = self.positions[key]
        return self._rows[start:stop]

    def damaged(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys whose bytes are not the ones that were written."""
        return [key for key in keys if zlib.crc32(self[key].data) != self._checksums[key]]
