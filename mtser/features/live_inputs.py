"""What an encoder reads that trains a pretrained one: sound, times and tokens in the place of stored vectors."""

import json
from typing import Literal

import numpy as np
import torch

from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import FeatureError
from mtser.features.contextual_words import ContextualWords
from mtser.features.extractor import UnusableFeaturesError
from mtser.features.huggingface_words import HuggingFaceWords
from mtser.features.input import Input
from mtser.features.language_model import LanguageModel
from mtser.features.pretrained_speech import PretrainedSpeech
from mtser.features.source import FeatureSource
from mtser.features.word_frames import times_of
from mtser.ragged import Ragged


class Sound(Input):
    """The samples of every utterance at 16 kHz, one row an utterance: float32, or 16-bit integers.

    Parameters
    ----------
    extractor
        Says what is too short for a frame.
    """

    unit: Literal["word", "utterance"] = "utterance"

    def __init__(self, extractor: PretrainedSpeech) -> None:
        self._extractor = extractor

    @property
    def pretrained(self) -> tuple[str, ...]:
        """The extractor's model."""
        return self._extractor.pretrained

    def key(self) -> str:
        """All sound is the same."""
        return json.dumps([type(self).__name__])

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Read all of it, and tell what is too short for a frame."""
        sound = source.sound()
        skipped = list(sound.skipped)
        for id in sound:
            try:
                self._extractor.checked_length(sound.n_samples(id))
            except UnusableFeaturesError as error:
                skipped.append(Skipped(id, error.problem, error.detail))
        return skipped

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [samples]``, a row of ``lengths`` an utterance.

        Raises
        ------
        FeatureError
            If one is too short for a frame.
        """
        values, lengths = source.sound().concatenated([one.id for one in utterances])
        for n_samples in lengths:
            self._extractor.checked_length(int(n_samples))
        return Ragged(torch.from_numpy(values), lengths)


class WordTimes(Input):
    """Start and end of every word in seconds: ``values [words, 2]`` float64, one item a row."""

    def key(self) -> str:
        """Times are the corpus's."""
        return json.dumps([type(self).__name__])

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """The times of all words."""
        times = times_of(utterances)
        return Ragged(torch.from_numpy(times), np.ones(len(times), np.int64))


class WordTokens(Input):
    """The tokens of every utterance, and the word of each.

    Parameters
    ----------
    words
        The vectors in whose place they are: what is read before an utterance, and how words are spelled.
    extractor
        Of these vectors.
    model
        Its tokenizer.
    """

    unit: Literal["word", "utterance"] = "utterance"

    def __init__(self, words: ContextualWords, extractor: HuggingFaceWords, model: LanguageModel) -> None:
        self.n_preceding = words.n_preceding
        self._words = words
        self._extractor = extractor
        self._model = model

    @property
    def pretrained(self) -> tuple[str, ...]:
        """The extractor's model."""
        return self._extractor.pretrained

    def key(self) -> str:
        """Tokenizer and spelling."""
        return json.dumps([type(self).__name__, self._words.key()])

    def check(self, corpus: Corpus) -> None:
        """As the vectors."""
        self._words.check(corpus)

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Nothing but to tell utterances without words."""
        texts = source.spelled(self.n_preceding)
        return [
            Skipped(id, "no words", f"{id}: there is no word to compute a vector of")
            for id, text in texts.items()
            if not text
        ]

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [tokens, 2]`` int64, a row of ``lengths`` an utterance.

        The first number is the token's, the second that of its word among the utterance's own; -1 in a turn before it.
        """
        texts, n_words = source.spelled(self.n_preceding), source.n_words
        rows = []
        for one in utterances:
            if not texts[one.id]:
                raise FeatureError(f"{one.id}: has no words to tokenize.")
            tokens, owners = self._model.tokenize(self._extractor.cased(texts[one.id]))
            own = np.maximum(owners - (len(texts[one.id]) - n_words[one.id]), -1)
            rows.append(np.stack([np.array(tokens, dtype=np.int64), own], axis=1))
        lengths = np.array([len(one) for one in rows], dtype=np.int64)
        values = np.concatenate(rows) if rows else np.empty((0, 2), np.int64)
        return Ragged(torch.from_numpy(values), lengths)
