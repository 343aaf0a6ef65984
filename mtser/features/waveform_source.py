"""Features of audio that is in memory: nothing is read from or written to a disk."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from mtser.errors import FeatureError
from mtser.features.extractor import Extractor, RowExtractor
from mtser.features.shard_folder import Failure, checked
from mtser.features.source import FeatureSource
from mtser.features.stored import StoredFeatures
from mtser.features.text_extractor import TextExtractor
from mtser.features.waveforms import Waveforms


class WaveformSource(FeatureSource):
    """What :class:`~mtser.features.source.FeatureSource` is to a corpus, for recordings that are at hand.

    Parameters
    ----------
    waveforms
        Utterance id → float32 ``[samples]`` at 16 kHz.
    words
        Utterance id → its words as they are spelled.
    language_models
        Text extractors that are loaded already, by their settings; those that this source has to load are added, so
        that the next source finds them. They stay in memory.

    Example
    -------
    >>> from mtser.features.torch_mfcc import TorchMFCC
    >>> samples = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> WaveformSource({"a": samples}, {"a": ["oh"]}).features(TorchMFCC())["a"].shape
    (66, 39)
    """

    def __init__(
        self,
        waveforms: Mapping[str, np.ndarray],
        words: Mapping[str, Sequence[str]],
        language_models: dict[str, TextExtractor] | None = None,
    ) -> None:
        self._waveforms = waveforms
        self._words = {id: list(spelled) for id, spelled in words.items()}
        self._language_models = {} if language_models is None else language_models
        self._found: dict[str, StoredFeatures] = {}
        self._made_by: dict[str, RowExtractor] = {}

    @classmethod
    def joined(cls, sources: Sequence["WaveformSource"]) -> "WaveformSource":
        """Several sources with ids of their own as one; what all of them have computed is not computed again."""
        whole = cls(
            {id: samples for one in sources for id, samples in one._waveforms.items()},
            {id: words for one in sources for id, words in one._words.items()},
            sources[0]._language_models if sources else None,
        )
        for key in set.intersection(*(set(one._found) for one in sources)) if sources else ():
            whole._made_by[key] = sources[0]._made_by[key]
            arrays = {id: rows for one in sources for id, rows in one._found[key].items()}
            whole._found[key] = StoredFeatures(arrays, {}, {}, whole._made_by[key])
        return whole

    def like(self, texts: Mapping[str, Sequence[str]]) -> "WaveformSource":
        """A source of other texts, without audio, that shares the language models."""
        return WaveformSource({}, texts, self._language_models)

    @property
    def ids(self) -> list[str]:
        """Of the utterances, in their order."""
        return list(self._words)

    @property
    def waveforms(self) -> Mapping[str, np.ndarray]:
        """As given."""
        return self._waveforms

    def sound(self) -> Waveforms:
        """The samples of every utterance."""
        return Waveforms(self._waveforms)

    def spelled(self, n_preceding: int = 0) -> dict[str, list[str]]:
        """Utterance id → its words; a recording by itself has no turns before it."""
        return self._words

    def features(self, extractor: Extractor) -> StoredFeatures:
        """The features of every waveform.

        Raises
        ------
        FeatureError
            If one has none (it is too short, or no numbers come out).
        """
        key = json.dumps(extractor.settings(), sort_keys=True)
        if key not in self._found:
            # Each its own copy: an extractor may compute in place, and the next one reads the same samples.
            arrays = {id: extractor.extract(samples.copy()) for id, samples in self._waveforms.items()}
            self._found[key], self._made_by[key] = _checked(arrays, extractor), extractor
        return self._found[key]

    def texts(self, extractor: TextExtractor, n_preceding: int = 0) -> StoredFeatures:
        """The vectors of all words of every utterance; a recording by itself has no turns before it."""
        key = json.dumps(extractor.settings(), sort_keys=True)
        if key not in self._found:
            model = self._language_models.setdefault(key, extractor)
            model.load()  # at once if it is loaded
            spelled = [tuple(words) for words in self._words.values()]
            vectors = [
                one
                for begin in range(0, len(spelled), model.batch_size)
                for one in model.extract_batch(spelled[begin : begin + model.batch_size])
            ]
            self._found[key], self._made_by[key] = _checked(dict(zip(self._words, vectors, strict=True)), model), model
        return self._found[key]


def _checked(arrays: Mapping[str, np.ndarray], extractor: RowExtractor) -> StoredFeatures:
    """As the store checks what it keeps; here nothing is left out."""
    found = {id: checked(array, extractor.dimension, id) for id, array in arrays.items()}
    for one in found.values():
        if isinstance(one, Failure):
            raise FeatureError(f"{one.detail}: {one.reason}.")
    return StoredFeatures(found, {}, {}, extractor)  # type: ignore[arg-type]  # no failure is left
