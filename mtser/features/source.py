"""The stored features of one corpus, of its audio and its words, computed when they are first asked for."""

import json
from collections.abc import Mapping

from mtser.audio import AudioInfo
from mtser.corpora.corpus import Corpus
from mtser.features.extractor import Extractor
from mtser.features.store import FeatureStore, StoredFeatures
from mtser.features.text_extractor import TextExtractor


class FeatureSource:
    """Gives every input of a model the features of a corpus's audio and words, each extractor's once.

    Parameters
    ----------
    corpus
        Whose utterances.
    store
        Where features are kept from run to run.
    infos
        What is known of the audio files (their hashes), so that they need not be read.
    n_jobs
        Threads for the extraction; None for one a core.
    progress
        Show a progress bar.
    """

    def __init__(
        self,
        corpus: Corpus,
        store: FeatureStore,
        infos: Mapping[str, AudioInfo] | None = None,
        n_jobs: int | None = None,
        progress: bool = True,
    ) -> None:
        self._paths = corpus.audio_paths()
        self._words = {one.id: [word.word for word in one.words] for one in (*corpus.utterances, *corpus.context)}
        self._store = store
        self._infos = infos
        self._n_jobs = n_jobs
        self._progress = progress
        self._found: dict[str, StoredFeatures] = {}

    @property
    def audio_hashes(self) -> dict[str, str]:
        """Utterance id → SHA-256 of its audio file, of those that are known."""
        return {id: info.sha256 for id, info in (self._infos or {}).items() if id in self._paths and info.sha256}

    @property
    def n_words(self) -> dict[str, int]:
        """How many words every utterance of the corpus has."""
        return {id: len(words) for id, words in self._words.items()}

    def features(self, extractor: Extractor) -> StoredFeatures:
        """The features of every utterance of the corpus, and which failed."""
        key = json.dumps(extractor.settings(), sort_keys=True)
        if key not in self._found:
            self._found[key] = self._store.get(
                extractor, self._paths, infos=self._infos, n_jobs=self._n_jobs, progress=self._progress
            )
        return self._found[key]

    def texts(self, extractor: TextExtractor) -> StoredFeatures:
        """The vectors of all words of every utterance of the corpus, and which failed."""
        key = json.dumps(extractor.settings(), sort_keys=True)
        if key not in self._found:
            self._found[key] = self._store.get_texts(
                extractor, self._words, n_jobs=self._n_jobs, progress=self._progress
            )
        return self._found[key]
