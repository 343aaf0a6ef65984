"""The folder of one extractor in the feature store: opened, checked, and filled with what is missing."""

import hashlib
import json
import re
import time
import warnings
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtser.cores import allow_open_files
from mtser.errors import FeatureError
from mtser.features.shard import SUFFIX, DamagedShardError, Shard, write_shard
from mtser.files import write_json
from mtser.parallel import parallel_map
from mtser.progress_bar import progress_bar
from mtser.unfinished import remove_leftovers

_SHARD_BYTES = 64 << 20
_SHARDS_OF_A_SIZE = 64  # then they are twice as large, up to sixteen times: each is an open file for a whole run
_SHARD_SECONDS = 60.0  # a slow extractor's work is kept this often
_CHECKED_AT_ONCE = 128  # utterances


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an utterance has no features. A defect is an exception that is neither the data's nor the options' fault."""

    reason: str
    detail: str
    defect: Exception | None = None


class ShardFolder:
    """What one extractor has computed: key → ``[rows, dimension]``, in few files.

    Parameters
    ----------
    store
        The folder of all extractors' features.
    name
        The extractor's, for people.
    dimension
        Values a row.
    settings
        Everything else that determines the numbers: the folder's name has a hash of it.
    precision
        In which they are kept: "float32" or "float16".

    Example
    -------
    >>> import tempfile
    >>> folder = ShardFolder(Path(tempfile.mkdtemp()), "Ones", 2, {"version": 1})
    >>> folder.fill({"a": np.ones((3, 2), np.float32)}.items(), 1, "Ones", progress=False)
    {}
    >>> {key: rows.shape for key, rows in folder.open({"a", "b"}).items()}
    {'a': (3, 2)}
    """

    def __init__(
        self, store: Path, name: str, dimension: int, settings: Mapping[str, Any], precision: str = "float32"
    ) -> None:
        self.name = name
        self.dimension = dimension
        self.precision = precision
        self.settings = {"dimension": dimension, **settings}
        if precision != "float32":
            self.settings["precision"] = precision
        text = json.dumps(self.settings, sort_keys=True, separators=(",", ":"))
        plain_name = re.sub(r"\W+", "_", name)
        self.path = store / f"{plain_name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def open(self, keys: set[str], n_jobs: int | None = None) -> dict[str, np.ndarray]:
        """Those of the wanted features that are stored and intact, read-only and memory-mapped.

        Warns
        -----
        UserWarning
            If stored features are damaged.

        Raises
        ------
        FeatureError
            If a file cannot be read, or so many cannot be open at once.
        """
        found: dict[str, np.ndarray] = {}
        wanted = set(keys)
        paths = sorted(self.path.glob(f"*{SUFFIX}"), reverse=True)
        allow_open_files(len(paths))
        # The newest shard first: what was computed again shadows what was damaged.
        for path in paths:
            if not wanted:
                break
            try:
                shard = Shard(path)
            except FileNotFoundError:
                continue
            except OSError as error:  # of the computer, not of the file: it may hold hours of work
                raise FeatureError(
                    f"{path}: stored features cannot be read ({error.strerror}); mend that, or delete the "
                    "file; if too many files are open, allow more (ulimit -n). Then start the same command again."
                ) from error
            except (DamagedShardError, ValueError, KeyError, TypeError) as error:
                warnings.warn(f"{path}: damaged ({error}); its features are computed again.", stacklevel=4)
                path.unlink(missing_ok=True)
                continue
            here = [key for key in shard.positions if key in wanted]
            portions = [here[start : start + _CHECKED_AT_ONCE] for start in range(0, len(here), _CHECKED_AT_ONCE)]
            damaged = {key for found_damaged in parallel_map(shard.damaged, portions, n_jobs) for key in found_damaged}
            if damaged:
                warnings.warn(
                    f"{path}: the features of {len(damaged)} of {len(shard.positions)} utterances are damaged and are "
                    "computed again.",
                    stacklevel=4,
                )
            intact = [key for key in here if key not in damaged]
            found.update({key: shard[key] for key in intact})
            wanted.difference_update(intact)
        return found

    def fill(
        self,
        results: Iterable[tuple[str, np.ndarray | Failure]],
        count: int,
        description: str,
        progress: bool,
        *,
        n_stored: int = 0,
    ) -> dict[str, Failure]:
        """Store what is being computed; what was finished before an interruption stays.

        Parameters
        ----------
        results
            Key and features, or why there are none.
        count
            How many results there will be.
        description
            For the progress bar.
        progress
            Whether to show it, with the time left.
        n_stored
            How many of those that are wanted are here already: the extractor works.

        Returns
        -------
        dict
            Key → why it has no features.

        Raises
        ------
        MtserError
            If the folder cannot be written (disk full).
        FeatureError
            If a defect made every result a failure, and none is stored.
        """
        remove_leftovers(self.path)
        if not (self.path / "settings.json").exists():
            write_json(self.path / "settings.json", self.settings)
        failed: dict[str, Failure] = {}
        fresh: dict[str, np.ndarray] = {}
        size, started, n_shards = 0, time.monotonic(), sum(1 for _ in self.path.glob(f"*{SUFFIX}"))
        bar = progress_bar(results, total=count, desc=description, unit="utt", show=progress)
        with ThreadPoolExecutor(1, "mtser-store") as writer:  # one shard is written while the next is computed
            written: Future[Path] | None = None
            try:
                for key, result in bar:
                    if isinstance(result, Failure):
                        failed[key] = result
                        continue
                    fresh[key] = result
                    size += result.nbytes
                    if size >= _enough(n_shards) or time.monotonic() - started >= _SHARD_SECONDS:
                        portion, fresh = fresh, {}
                        if written is not None:
                            written.result()
                        written = writer.submit(write_shard, self.path, portion, self.dimension, self.precision)
                        size, started, n_shards = 0, time.monotonic(), n_shards + 1
            finally:
                if written is not None:
                    written.result()
                if fresh:
                    write_shard(self.path, fresh, self.dimension, self.precision)
        defects = [failure.defect for failure in failed.values() if failure.defect is not None]
        if defects and len(defects) == count and not n_stored:
            raise FeatureError(f"{self.name} failed on each of {count} utterances ({defects[0]!r}).") from defects[0]
        return failed


def _enough(n_shards: int) -> int:
    """Bytes of the next shard where there are so many already."""
    return _SHARD_BYTES << min(n_shards // _SHARDS_OF_A_SIZE, 4)


def checked(
    features: np.ndarray, dimension: int, where: str, rows: int | None = None, precision: str = "float32"
) -> np.ndarray | Failure:
    """Features as they are stored, ``[rows, dimension]``, or why they cannot be.

    Parameters
    ----------
    features
        What an extractor gave.
    dimension
        Values that a row has to have.
    where
        Whose features, for the failure.
    rows
        How many there have to be; None for any number above zero.
    precision
        "float32", or "float16", whose largest number stands for what is larger.

    Example
    -------
    >>> checked(np.full((2, 3), np.nan), 3, "a.wav").detail
    'a.wav: 2 of 2 rows have NaN or infinite values'
    """
    features = np.asarray(features, dtype=np.float32 if precision == "float32" else None)
    if features.ndim != 2 or features.shape[1] != dimension or rows not in (None, len(features)):
        expected = "rows" if rows is None else rows
        wrong = FeatureError(f"features of shape {features.shape} instead of [{expected}, {dimension}]")
        return Failure("features cannot be computed", f"{where}: {wrong}", wrong)
    if not len(features):
        return Failure("no frames", f"{where}: the extractor gave no frame")
    finite = _finite(features)
    if not finite.all():
        bad = int((~finite).any(axis=1).sum())
        return Failure("non-finite features", f"{where}: {bad} of {len(features)} rows have NaN or infinite values")
    if precision == "float16" and features.dtype != np.float16:
        largest = np.finfo(np.float16).max
        features = np.clip(features, -largest, largest).astype(np.float16)
    return features


def _finite(features: np.ndarray) -> np.ndarray:
    """Where numbers are finite; of half precision by their bits, as numpy converts each one else (slowly)."""
    if features.dtype != np.float16:
        return np.isfinite(features)
    exponent = np.uint16(0x7C00)
    return (features.view(np.uint16) & exponent) != exponent
