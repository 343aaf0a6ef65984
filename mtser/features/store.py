"""Features are computed once and kept: a store addressed by content (of audio or text) and the extractor's settings."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mtser.audio import AudioIndex, AudioInfo
from mtser.audio.reading import READING_VERSION
from mtser.features.batch_extractor import BatchExtractor
from mtser.features.computing import Results, Text, all_texts, batch_by_batch, one_by_one
from mtser.features.extractor import Extractor, RowExtractor
from mtser.features.shard_folder import Failure, ShardFolder
from mtser.features.stored import StoredFeatures
from mtser.features.text_extractor import TextExtractor
from mtser.files import cache_folder

__all__ = ["FeatureStore", "StoredFeatures"]

_WORDS_VERSION = 1  # of the key of a text


class FeatureStore:
    """Keeps features on disk, so that each audio file or text is processed once for each extractor.

    The key is the SHA-256 of the audio file's bytes or of the words; extractors with different settings have folders
    of their own (:mod:`mtser.features.shard_folder`). Features lie in few large files ("shards",
    :mod:`mtser.features.shard`), each written atomically: a run that is killed loses at most the shard in the making,
    and processes that work at the same time do not disturb each other (they may compute the same twice). Checksums are
    verified whenever features are opened.

    Parameters
    ----------
    folder
        Where; default: ``features`` in :func:`mtser.files.cache_folder`. It may be deleted at any time.

    Example
    -------
    >>> import tempfile, numpy as np, soundfile
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
        extractor: Extractor,
        paths: Mapping[str, Path],
        infos: Mapping[str, AudioInfo] | None = None,
        n_jobs: int | None = None,
        progress: bool = True,
    ) -> StoredFeatures:
        """The features of many utterances' audio; what is missing is computed, over all cores.

        Parameters
        ----------
        extractor
            What to compute. A :class:`~mtser.features.batch_extractor.BatchExtractor` gets batches of similar
            lengths; before it begins, the space that its features will take is told, and checked.
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
        keys: dict[str, str | Failure] = {}
        files: dict[str, Path] = {}  # key → a file that has this content
        for id, path in paths.items():
            if (problem := infos[id].problem) is not None:
                keys[id] = Failure(problem, f"{path}: {infos[id].detail}")
            else:
                keys[id] = infos[id].sha256
                files[infos[id].sha256] = path

        folder = _folder(self.folder, extractor)
        if isinstance(extractor, BatchExtractor):
            seconds = {infos[id].sha256: infos[id].duration for id in paths}

            def compute_batches(missing: Sequence[str]) -> Results:
                return batch_by_batch(extractor, files, seconds, missing, folder.path, progress)

            try:
                return _complete(folder, extractor, keys, compute_batches, n_jobs, progress)
            finally:
                extractor.unload()

        def compute_each(missing: Sequence[str]) -> Results:
            return one_by_one(extractor, files, missing, n_jobs)

        return _complete(folder, extractor, keys, compute_each, n_jobs, progress)

    def get_texts(
        self,
        extractor: TextExtractor,
        texts: Mapping[str, Sequence[str]],
        n_jobs: int | None = None,
        progress: bool = True,
        n_own: Mapping[str, int] | None = None,
    ) -> StoredFeatures:
        """The vectors of the words of many utterances; what is missing is computed.

        Before it begins, the space that the vectors will take is told, and checked.

        Parameters
        ----------
        extractor
            What to compute.
        texts
            Utterance id → its words. The same words are processed once.
        n_jobs
            Threads that verify checksums; default: one a core.
        progress
            As for :meth:`get`.
        n_own
            Utterance id → how many words at the end of the text are its own, where turns before it are read with it;
            their vectors alone are kept. Default: all.

        Returns
        -------
        StoredFeatures
            A row a word, in the order of ``texts``, and the utterances that have none, with the reason.

        Raises
        ------
        MtserError, FeatureError
            As :meth:`get`.

        Warns
        -----
        UserWarning
            If stored vectors were damaged. They are computed again.
        """
        keys: dict[str, str | Failure] = {}
        read: dict[str, Text] = {}
        for id, text in texts.items():
            if not text:
                keys[id] = Failure("no words", f"{id}: there is no word to compute a vector of")
                continue
            n_kept = len(text) if n_own is None else n_own[id]
            content = list(text) if n_kept == len(text) else [list(text), n_kept]
            key = hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
            keys[id], read[key] = key, Text(tuple(text), n_kept)

        folder = _folder(self.folder, extractor)

        def compute(missing: Sequence[str]) -> Results:
            return all_texts(extractor, read, missing, folder.path, progress)

        try:
            return _complete(folder, extractor, keys, compute, n_jobs, progress)
        finally:
            extractor.unload()


def _folder(store: Path, extractor: RowExtractor) -> ShardFolder:
    """An extractor's folder; its name depends on how audio or words get to the extractor, too."""
    settings = extractor.settings()
    way = {"words": _WORDS_VERSION} if isinstance(extractor, TextExtractor) else {"audio": READING_VERSION}
    name = str(settings.get("class", type(extractor).__name__))
    return ShardFolder(store, name, extractor.dimension, {**way, "extractor": settings}, extractor.stored_as)


def _complete(
    folder: ShardFolder,
    extractor: RowExtractor,
    keys: Mapping[str, str | Failure],
    compute: Callable[[Sequence[str]], Results],
    n_jobs: int | None,
    progress: bool,
) -> StoredFeatures:
    """Open what is stored, compute and store the rest.

    Parameters
    ----------
    folder
        The extractor's.
    extractor
        What the features are of.
    keys
        Utterance id → the key of its content, or why it has none.
    compute
        Keys → their features.
    n_jobs
        Threads that verify checksums.
    progress
        Show a progress bar.
    """
    wanted = list(dict.fromkeys(key for key in keys.values() if not isinstance(key, Failure)))
    found = folder.open(set(wanted), n_jobs)
    failed: dict[str, Failure] = {}
    if missing := [key for key in wanted if key not in found]:
        failed = folder.fill(compute(missing), len(missing), "Extracting features", progress, n_stored=len(found))
        found.update(folder.open(set(missing) - failed.keys(), n_jobs))
    failures = {id: key if isinstance(key, Failure) else failed.get(key) for id, key in keys.items()}
    return StoredFeatures(
        {id: found[key] for id, key in keys.items() if not isinstance(key, Failure) and key in found},
        {id: failure.reason for id, failure in failures.items() if failure is not None},
        {id: failure.detail for id, failure in failures.items() if failure is not None},
        extractor,
    )
