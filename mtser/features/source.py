"""The stored features of one corpus, of its audio and its words, computed when they are first asked for."""

import json
from collections.abc import Mapping

from mtser.audio import AudioInfo
from mtser.corpora.corpus import Corpus
from mtser.corpora.turns import preceding_turns
from mtser.features.extractor import Extractor
from mtser.features.store import FeatureStore, StoredFeatures
from mtser.features.text_extractor import TextExtractor
from mtser.features.waveforms import Waveforms


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
    audio_of_context
        Whether the audio of turns that only stand before others (``Corpus.context``) is wanted, too, not just their
        words.
    """

    def __init__(
        self,
        corpus: Corpus,
        store: FeatureStore,
        infos: Mapping[str, AudioInfo] | None = None,
        n_jobs: int | None = None,
        progress: bool = True,
        audio_of_context: bool = True,
    ) -> None:
        context = () if audio_of_context else tuple(one.id for one in corpus.context)
        self._paths = {id: path for id, path in corpus.audio_paths().items() if id not in context}
        self._spoken = (*corpus.utterances, *corpus.context)
        self._words = {one.id: [word.word for word in one.words] for one in self._spoken}
        self._store = store
        self.infos = infos or {}
        self._n_jobs = n_jobs
        self._progress = progress
        self._found: dict[str, StoredFeatures] = {}
        self._sound: Waveforms | None = None

    @property
    def audio_hashes(self) -> dict[str, str]:
        """Utterance id → SHA-256 of its audio file, of those that are known."""
        return {id: info.sha256 for id, info in self.infos.items() if id in self._paths and info.sha256}

    @property
    def n_words(self) -> dict[str, int]:
        """How many words every utterance of the corpus has."""
        return {id: len(words) for id, words in self._words.items()}

    def sound(self) -> Waveforms:
        """The samples of every utterance of the corpus, read when they are first asked for."""
        if self._sound is None:
            self._sound = Waveforms.read(self._paths, self._n_jobs, self._progress)
        return self._sound

    def spelled(self, n_preceding: int = 0) -> dict[str, list[str]]:
        """Utterance id → its words, behind those of so many turns before it."""
        return self._with_turns(n_preceding) if n_preceding else self._words

    def features(self, extractor: Extractor) -> StoredFeatures:
        """The features of every utterance of the corpus, and which failed."""
        key = json.dumps(extractor.settings(), sort_keys=True)
        if key not in self._found:
            self._found[key] = self._store.get(
                extractor, self._paths, infos=self.infos, n_jobs=self._n_jobs, progress=self._progress
            )
        return self._found[key]

    def texts(self, extractor: TextExtractor, n_preceding: int = 0) -> StoredFeatures:
        """The vectors of all words of every utterance of the corpus, and which failed.

        Parameters
        ----------
        extractor
            Words → vectors.
        n_preceding
            How many turns before an utterance the extractor reads with it.
        """
        key = json.dumps([extractor.settings(), extractor.stored_as, n_preceding], sort_keys=True)
        if key not in self._found:
            texts = self.spelled(n_preceding)
            self._found[key] = self._store.get_texts(extractor, texts, self._n_jobs, self._progress, self.n_words)
        return self._found[key]

    def _with_turns(self, n_preceding: int) -> dict[str, list[str]]:
        """The words of each utterance behind those of the turns before it; an utterance without words has none."""
        turns = preceding_turns(self._spoken, n_preceding)
        texts = {}
        for one, rows in zip(self._spoken, turns.values.split(turns.lengths.tolist()), strict=True):
            said = [word for row in rows.tolist() for word in self._words[self._spoken[row].id]]
            texts[one.id] = said if self._words[one.id] else []
        return texts
