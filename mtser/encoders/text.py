"""Words → vectors: the embedding of section 3.1, from scratch, from a file, or over subwords."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mtser.checks import check_number
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.encoders.tokens import Tokenizer
from mtser.encoders.vectors import read_vectors
from mtser.errors import ConfigError
from mtser.features.input import Input
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class WordEmbedding(Encoder):
    """One trained vector a token; a word of several tokens (subwords) has their mean.

    Parameters
    ----------
    tokenizer
        Words → tokens; learns its vocabulary from the training part.
    size
        Width of the vectors (section 3.1: 100).
    vectors
        A file of word vectors to start from (see :func:`~mtser.encoders.vectors.read_vectors`); tokens that it lacks
        start at random, and all do with None.
    freeze
        Train no vector: those from the file stay as they are, tokens that it lacks are zero. Needs ``vectors``.
    word_dropout
        In training each word becomes ``<unk>`` with this probability: the model learns to do without any single word,
        and ``<unk>``, which new words of a test part are, learns to stand for any.
    dropout
        On the numbers of the vectors.

    Notes
    -----
    Without a file the vectors start as ``nn.Embedding`` starts them, from N(0, 1). ``<unk>``, which no training
    word may ever use, starts at zero: a vector that says nothing instead of noise.

    Example
    -------
    >>> import numpy as np
    >>> from mtser.alignment.word import Word
    >>> from mtser.corpora.utterance import Utterance
    >>> from mtser.encoders.tokens import WordTokenizer
    >>> said = Utterance("u", "u.wav", 1.0, "1F", "sad", "Oh no", (Word("Oh", 0, 0.5), Word("no", 0.5, 1)))
    >>> encoder = WordEmbedding(WordTokenizer(), size=100)
    >>> encoder.fit([said], {})
    >>> tokens = encoder.tokenizer.load([said], None)
    >>> encoder(Batch(np.array([2]), {encoder.tokenizer: tokens}), {}).features.shape
    torch.Size([1, 2, 100])
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        size: int = 100,
        vectors: str | None = None,
        freeze: bool = False,
        word_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_number("word_dropout", word_dropout, most=1.0)
        if freeze and vectors is None:
            raise ValueError("freeze needs vectors: random vectors that are never trained say nothing.")
        self.tokenizer = tokenizer
        self.output_size = size
        self.vectors = vectors
        self.freeze = freeze
        self.word_dropout = word_dropout
        self.dropout = nn.Dropout(dropout)
        self.inputs = (tokenizer,)
        self.embedding: nn.Embedding | None = None
        self._in_file: int | None = None

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Build the vocabulary from the words of the training part, then the embedding."""
        self.tokenizer.fit(utterances)
        self._build()
        if self.vectors is not None:
            self._start_from(Path(self.vectors))

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Look the words up: ``[batch, words, size]``."""
        assert self.embedding is not None, "fit or load_assets comes before forward"
        tokens = batch[self.tokenizer]
        words = self.embedding(self._numbers(tokens))
        if self.tokenizer.splits_words:
            words = Ragged(words, tokens.lengths).mean_of_rows()
        return batch.sequence(self.dropout(words))

    def save_assets(self, folder: Path) -> None:
        """Write the vocabulary."""
        self.tokenizer.save(folder)

    def load_assets(self, folder: Path) -> None:
        """Read the vocabulary and make an embedding of its size."""
        self.tokenizer.restore(folder)
        self._build()

    def summary(self) -> dict[str, Any]:
        """Size of the vocabulary, and how much of it the file of vectors had."""
        counts = {"tokens in the vocabulary": len(self.tokenizer)}
        return counts if self._in_file is None else counts | {"tokens in the vector file": self._in_file}

    def _numbers(self, tokens: Ragged) -> torch.Tensor:
        """The tokens of a batch; in training some words, with all their tokens, are unknown."""
        if not self.training or not self.word_dropout:
            return tokens.values
        # Drawn on the CPU: the same words for the same seed, whatever the device.
        dropped = (torch.rand(len(tokens)) < self.word_dropout)[torch.from_numpy(tokens.row_of_item)]
        return tokens.values.masked_fill(dropped.to(tokens.values.device, non_blocking=True), self.tokenizer.unknown)

    def _build(self) -> None:
        self.embedding = nn.Embedding(len(self.tokenizer), self.output_size)
        self.embedding.weight.requires_grad_(not self.freeze)
        with torch.no_grad():
            self.embedding.weight[self.tokenizer.unknown] = 0.0

    def _start_from(self, file: Path) -> None:
        assert self.embedding is not None
        found = read_vectors(file, set(self.tokenizer.tokens), self.output_size)
        if not found:
            raise ConfigError(
                f"{file}: has a vector for none of the {len(self.tokenizer)} tokens; it needs lower-case words "
                "(and pieces like those of the vocabulary, if words are split)."
            )
        self._in_file = len(found)
        with torch.no_grad():
            if self.freeze:
                self.embedding.weight.zero_()
            for index, token in enumerate(self.tokenizer.tokens):
                if token in found:
                    self.embedding.weight[index] = torch.from_numpy(found[token])
