"""Scores of the classes by logistic regression, fitted elsewhere (:mod:`mtser.classical`): as encoders, to judge."""

from pathlib import Path

import torch
from torch import Tensor, nn

from mtser.checks import check_whole_number
from mtser.corpora.corpus import Corpus
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.encoders.tokens import WordTokenizer
from mtser.errors import NotApplicableError
from mtser.features.contextual_words import ContextualWords
from mtser.features.means import UtteranceMeans
from mtser.features.utterance_input import UtteranceFeatures
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class VectorScores(Encoder):
    """W x + b of the vector of an utterance, in double precision: x = (v - mean) / (std · √D).

    Parameters
    ----------
    features
        The functionals, the mean of the frames, or vectors of words, whose mean over the utterance is taken.
    n_classes
        How many scores.

    Example
    -------
    >>> import numpy as np
    >>> from mtser.features import OpenSmileFunctionals
    >>> features = UtteranceFeatures(OpenSmileFunctionals("eGeMAPSv02"))
    >>> batch = Batch(np.array([3]), {features: Ragged(torch.randn(1, 88), np.ones(1, np.int64))})
    >>> VectorScores(features, n_classes=4)(batch, {}).features.shape
    torch.Size([1, 1, 4])
    """

    mean: Tensor
    std: Tensor

    def __init__(self, features: UtteranceFeatures | UtteranceMeans | ContextualWords, n_classes: int) -> None:
        super().__init__()
        check_whole_number("n_classes", n_classes)
        self.features = features
        self.inputs = (features,)
        self.output_size = n_classes
        self.register_buffer("mean", torch.zeros(features.dimension, dtype=torch.float64))
        self.register_buffer("std", torch.ones(features.dimension, dtype=torch.float64))
        self.linear = nn.Linear(features.dimension, n_classes, dtype=torch.float64)

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """``[batch, 1, n_classes]`` of unit "utterance"."""
        vectors = batch[self.features].values.double()
        if self.features.unit == "word":
            vectors = Ragged(vectors, batch.n_words).mean_of_rows()
        return batch.vectors(self.scores(vectors))

    def scores(self, vectors: Tensor) -> Tensor:
        """``[utterances, D]`` → ``[utterances, n_classes]``."""
        return self.linear((vectors - self.mean) / (self.std * len(self.mean) ** 0.5))


class TermScores(Encoder):
    """W x + b of the words of an utterance, in double precision: x is (1 + log tf) · idf, brought to unit length.

    Parameters
    ----------
    tokenizer
        Has the vocabulary; other words count nothing.
    n_classes
        How many scores.
    """

    idf: Tensor

    def __init__(self, tokenizer: WordTokenizer, n_classes: int) -> None:
        super().__init__()
        check_whole_number("n_classes", n_classes)
        self.tokenizer = tokenizer
        self.inputs = (tokenizer,)
        self.output_size = n_classes
        self._build()

    def _build(self) -> None:
        n = len(self.tokenizer)
        self.register_buffer("idf", torch.zeros(n, dtype=torch.float64))
        self.linear = nn.Linear(n, self.output_size, dtype=torch.float64)

    def learn(self, words: list[str]) -> None:
        """Take these words as the vocabulary; idf and weights of that size come next."""
        self.tokenizer.learn(words)
        self._build()

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus without words."""
        if not any(one.words for one in corpus.utterances):
            raise NotApplicableError(f"the corpus {corpus.name} has no words for a classifier of its text.")

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """``[batch, 1, n_classes]`` of unit "utterance"."""
        tokens = Ragged(batch[self.tokenizer].values, batch.n_words)
        rows = torch.from_numpy(tokens.row_of_item).to(tokens.values.device)
        n = len(self.tokenizer)
        counts = self.idf.new_zeros(len(tokens) * n)
        counts = counts.index_add(0, rows * n + tokens.values, self.idf.new_ones(len(rows)))
        return batch.vectors(self.scores(counts.view(len(tokens), n)))

    def scores(self, counts: Tensor) -> Tensor:
        """How often each word is said ``[utterances, words]`` → ``[utterances, n_classes]``."""
        said = torch.where(counts > 0, 1 + counts.clamp(min=1).log(), counts) * self.idf
        length = (said * said).sum(1, keepdim=True).sqrt()
        return self.linear(said / torch.where(length > 0, length, length + 1))

    def save_assets(self, folder: Path) -> None:
        """Write the vocabulary."""
        self.tokenizer.save(folder)

    def load_assets(self, folder: Path) -> None:
        """Read the vocabulary."""
        self.tokenizer.restore(folder)
        self._build()
