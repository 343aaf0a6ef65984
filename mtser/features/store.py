"""Features are computed once and kept: a store addressed by the audio's content and the extractor's settings."""

import hashlib
import json
import re
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtser.audio import AudioIndex, AudioInfo, UnusableAudioError
from mtser.audio.reading import READING_VERSION, decode_audio, read_bytes
from mtser.errors import FeatureError
from mtser.features.extractor import FrameExtractor, UnusableFeaturesError
from mtser.features.parallel import parallel_map
from mtser.features.shard import SUFFIX, DamagedShardError, Shard, write_shard
from mtser.features.stored import StoredFeatures
from mtser.files import cache_folder, write_json
from mtser.progress_bar import progress_bar

__all__ = ["FeatureStore", "StoredFeatures"]

_SHARD_BYTES = 64 << 20
_SHARD_SECONDS = 60.0  # a slow extractor's work is kept this often
_STALE = 3600.0  # seconds after which a half-written file is a killed run's, not another process's
_CHECKED_AT_ONCE = 128  # utterances


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why an utterance has no features. A defect is an exception that is neither the audio's nor the options' fault."""

    reason: str
    detail: str
    defect: Exception | None = None


class FeatureStore:
    """Keeps features on disk, so that each audio file is processed once for each extractor.

    The key is the SHA-256 of the audio file's bytes; extractors with different settings have folders of their own.
    Features lie in few large files ("shards", :mod:`mtser.features.shard`), each written atomically: a run that is
    killed loses at most the shard in the making, and processes that work at the same time do not disturb each other
    (they may compute the same twice). Checksums are verified whenever features are opened.

    Parameters
    ----------
    folder
        Where; default: ``features`` in :func:`mtser.files.cache_folder`. It may be deleted at any time.

    Example
    -------
    >>> import tempfile, soundfile
    >>> from mtser.features import TorchMFCC
    >>> folder = Path(tempfile.mkdtemp())
    >>> soundfile.write(folder / "a.wav", np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    >>> (folder / "b.wav").touch()
    >>> store = FeatureStore(folder / "store")
    >>> features = store.get(TorchMFCC(), {"a": folder / "a.wav", "b": folder / "b.wav"}, progress=False)
    >>> features["a"].shape, features.failures
    ((66, 39), {'b': 'empty audio'})
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = Path(folder) if folder is not None else cache_folder() / "features"
        self._index = AudioIndex(self.folder / "audio_index.json" if folder is not None else None)

    def get(
        self,
        extractor: FrameExtractor,
        paths: Mapping[str, Path],
        infos: Mapping[str, AudioInfo] | None = None,
        n_jobs: int | None = None,
        progress: bool = True,
    ) -> StoredFeatures:
        """The features of many utterances; what is missing is computed, over all cores.

        Parameters
        ----------
        extractor
            What to compute.
        paths
            Utterance id → audio file. Files with the same content are processed once.
        infos
            What :class:`mtser.audio.AudioIndex` found, if that is known already.
        n_jobs
            Threads; default: one a core.
        progress
            Whether to show progress bars with the time left (only if there is something to compute).

        Returns
        -------
        StoredFeatures
            Features in the order of ``paths``, and the utterances that have none, with the reason.

        Raises
        ------
        MtserError
            If the store cannot be written (disk full); what was finished before stays.
        FeatureError
            If the extractor fails on every file for a reason of its own.

        Warns
        -----
        UserWarning
            If stored features were damaged. They are computed again.
        """
        infos = dict(infos or {})
        unknown = {id: path for id, path in paths.items() if id not in infos}
        infos.update(self._index.inspect(unknown, n_jobs, progress))
        failures: dict[str, _Failure] = {}
        files: dict[str, Path] = {}  # key → a file that has this content
        for id, path in paths.items():
            if (problem := infos[id].problem) is not None:
                failures[id] = _Failure(problem, f"{path}: {infos[id].detail}")
            else:
                files[infos[id].sha256] = path

        folder = self.folder_of(extractor)
        found = self._open(folder, set(files), n_jobs)
        missing = {key: path for key, path in files.items() if key not in found}
        failed = self._compute(extractor, missing, folder, n_jobs, progress) if missing else {}
        if missing:
            found.update(self._open(folder, missing.keys() - failed.keys(), n_jobs))
        failures.update({id: failed[infos[id].sha256] for id in paths if infos[id].sha256 in failed})
        return StoredFeatures(
            {id: found[infos[id].sha256] for id in paths if id not in failures},
            {id: failures[id].reason for id in paths if id in failures},
            {id: failures[id].detail for id in paths if id in failures},
            extractor,
        )

    def folder_of(self, extractor: FrameExtractor) -> Path:
        """Where the features of an extractor lie: named by its class and a hash of its settings."""
        settings = json.dumps(self._settings(extractor), sort_keys=True, separators=(",", ":"))
        name = re.sub(r"\W+", "_", str(extractor.settings().get("class", type(extractor).__name__)))
        return self.folder / f"{name}-{hashlib.sha256(settings.encode()).hexdigest()[:16]}"

    @staticmethod
    def _settings(extractor: FrameExtractor) -> dict[str, object]:
        return {"audio": READING_VERSION, "dimension": extractor.dimension, "extractor": extractor.settings()}

    def _open(self, folder: Path, keys: set[str], n_jobs: int | None) -> dict[str, np.ndarray]:
        """Those of the wanted features that are stored and intact."""
        found: dict[str, np.ndarray] = {}
        # The newest shard first: what was computed again shadows what was damaged.
        for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
            if not (wanted := keys - found.keys()):
                break
            try:
                shard = Shard(path)
            except FileNotFoundError:
                continue
            except (DamagedShardError, OSError, ValueError, KeyError, TypeError) as error:
                warnings.warn(f"{path}: damaged ({error}); its features are computed again.", stacklevel=3)
                path.unlink(missing_ok=True)
                continue
            here = [key for key in shard.positions if key in wanted]
            portions = [here[start : start + _CHECKED_AT_ONCE] for start in range(0, len(here), _CHECKED_AT_ONCE)]
            damaged = {key for found_damaged in parallel_map(shard.damaged, portions, n_jobs) for key in found_damaged}
            if damaged:
                warnings.warn(
                    f"{path}: the features of {len(damaged)} of {len(shard.positions)} utterances are damaged and are "
                    "computed again.",
                    stacklevel=3,
                )
            found.update({key: shard[key] for key in here if key not in damaged})
        return found

    def _compute(
        self, extractor: FrameExtractor, files: Mapping[str, Path], folder: Path, n_jobs: int | None, progress: bool
    ) -> dict[str, _Failure]:
        """Compute and store features; returns what failed."""
        if not (folder / "settings.json").exists():
            write_json(folder / "settings.json", self._settings(extractor))
        _remove_stale(folder)
        failed: dict[str, _Failure] = {}
        fresh: dict[str, np.ndarray] = {}
        size, started = 0, time.monotonic()
        results = parallel_map(lambda item: (item[0], _extract(extractor, *item)), files.items(), n_jobs)
        bar = progress_bar(results, total=len(files), desc="Extracting features", unit="utt", show=progress)
        try:
            for key, result in bar:
                if isinstance(result, _Failure):
                    failed[key] = result
                    continue
                fresh[key] = result
                size += result.nbytes
                if size >= _SHARD_BYTES or time.monotonic() - started >= _SHARD_SECONDS:
                    portion, fresh = fresh, {}
                    write_shard(folder, portion, extractor.dimension)
                    size, started = 0, time.monotonic()
        finally:
            if fresh:
                write_shard(folder, fresh, extractor.dimension)
        defects = [failure.defect for failure in failed.values() if failure.defect is not None]
        if defects and len(defects) == len(files):
            raise FeatureError(
                f"{type(extractor).__name__} failed on each of {len(files)} audio files ({defects[0]!r})."
            ) from defects[0]
        return failed


def _extract(extractor: FrameExtractor, key: str, path: Path) -> np.ndarray | _Failure:
    """The features of one file, checked; never an exception."""
    try:
        data = read_bytes(path)
        if hashlib.sha256(data).hexdigest() != key:
            return _Failure("audio changed", f"{path}: changed since it was inspected; start again.")
        features = np.asarray(extractor.extract(decode_audio(data, str(path))), dtype=np.float32)
    except (UnusableAudioError, UnusableFeaturesError) as error:
        return _Failure(error.problem, f"{path}: {error.detail}")
    except FeatureError as error:
        return _Failure("features cannot be computed", f"{path}: {error}")
    except Exception as error:  # one strange file must not stop a corpus; get() raises if every file is strange
        return _Failure("features cannot be computed", f"{path}: {error!r}", error)
    if features.ndim != 2 or features.shape[1] != extractor.dimension:
        wrong = FeatureError(f"features of shape {features.shape} instead of [frames, {extractor.dimension}]")
        return _Failure("features cannot be computed", f"{path}: {wrong}", wrong)
    if not len(features):
        return _Failure("no frames", f"{path}: the extractor gave no frame")
    if not np.isfinite(features).all():
        bad = int((~np.isfinite(features)).any(axis=1).sum())
        return _Failure("non-finite features", f"{path}: {bad} of {len(features)} frames have NaN or infinite values")
    return features


def _remove_stale(folder: Path) -> None:
    """Remove half-written files that a killed run left."""
    for path in folder.glob(f".*{SUFFIX}.*.part"):
        try:
            if time.time() - path.stat().st_mtime > _STALE:
                path.unlink()
        except OSError:
            continue
