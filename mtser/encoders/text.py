"""Words → vectors: the embedding of section 3.1, from scratch, from a file, or over subwords."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mtser.checks import check_number, check_whole_number
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.encoders.tokens import Tokenizer, WordTokenizer
from mtser.encoders.vectors import read_vectors
from mtser.errors import ConfigError, ModelError
from mtser.features.input import Input
from mtser.files import write_json
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences

_FILE_WORDS = "n_file_words.json"


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
    n_file_words
        How many words of the file, its first lower-case ones, keep their vectors beside the words of the training part:
        there new words of a test part or of a recording find theirs, in the place of ``<unk>``. They are never trained.
        Files of GloVe, word2vec and fastText have frequent words first. Needs ``vectors``.
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
        n_file_words: int = 0,
        word_dropout: float = 0.0,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        check_number("word_dropout", word_dropout, most=1.0)
        if freeze and vectors is None:
            raise ValueError("freeze needs vectors: random vectors that are never trained say nothing.")
        check_whole_number("n_file_words", n_file_words, least=0)
        if n_file_words and vectors is None:
            raise ValueError("n_file_words needs vectors: the file that these words are in.")
        if n_file_words and tokenizer.splits_words:
            raise ValueError("n_file_words needs a tokenizer of whole words; pieces of words spell every new word.")
        self.tokenizer = tokenizer
        self.output_size = size
        self.vectors = vectors
        self.freeze = freeze
        self.n_file_words = n_file_words
        self.word_dropout = word_dropout
        self.dropout = nn.Dropout(dropout)
        self.inputs = (tokenizer,)
        self.embedding: nn.Embedding | None = None
        self.register_buffer("file_words", None)
        self.file_words: torch.Tensor | None
        self._in_file: int | None = None

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Build the vocabulary from the words of the training part, then the embedding."""
        self.tokenizer.fit(utterances)
        found = {} if self.vectors is None else self._of_file(Path(self.vectors))
        self._build(n_file_words=self._add_words(found))
        self._start_from(found)

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Look the words up: ``[batch, words, size]``."""
        tokens = batch[self.tokenizer]
        words = self.look_up(self._numbers(tokens))
        if self.tokenizer.splits_words:
            words = Ragged(words, tokens.lengths).mean_of_rows()
        return batch.sequence(self.dropout(words))

    def look_up(self, tokens: torch.Tensor) -> torch.Tensor:
        """Vectors ``[..., size]`` of tokens ``[...]``."""
        assert self.embedding is not None, "fit or load_assets comes before forward"
        if self.file_words is None:
            return self.embedding(tokens)
        n_trained = self.embedding.num_embeddings
        trained = self.embedding(tokens.clamp(max=n_trained - 1))
        of_file = nn.functional.embedding((tokens - n_trained).clamp(min=0), self.file_words)
        return torch.where((tokens < n_trained).unsqueeze(-1), trained, of_file)

    def save_assets(self, folder: Path) -> None:
        """Write the vocabulary, and how many words of it are the file's alone."""
        self.tokenizer.save(folder)
        if self.file_words is not None:
            write_json(folder / _FILE_WORDS, len(self.file_words))

    def load_assets(self, folder: Path) -> None:
        """Read the vocabulary and make an embedding of its size."""
        self.tokenizer.restore(folder)
        self._build(_n_file_words(folder / _FILE_WORDS, most=len(self.tokenizer) - 1))

    def summary(self) -> dict[str, Any]:
        """Size of the vocabulary, how much of it the file of vectors had, and what that adds."""
        n_file_words = 0 if self.file_words is None else len(self.file_words)
        counts = {"tokens in the vocabulary": len(self.tokenizer) - n_file_words}
        if self._in_file is not None:
            counts["tokens in the vector file"] = self._in_file
        if n_file_words:
            counts["words of the vector file beside them"] = n_file_words
        return counts

    def _numbers(self, tokens: Ragged) -> torch.Tensor:
        """The tokens of a batch; in training some words, with all their tokens, are unknown."""
        if not self.training or not self.word_dropout:
            return tokens.values
        # Drawn on the CPU: the same words for the same seed, whatever the device.
        dropped = (torch.rand(len(tokens)) < self.word_dropout)[torch.from_numpy(tokens.row_of_item)]
        return tokens.values.masked_fill(dropped.to(tokens.values.device, non_blocking=True), self.tokenizer.unknown)

    def _build(self, n_file_words: int) -> None:
        self.embedding = nn.Embedding(len(self.tokenizer) - n_file_words, self.output_size)
        self.embedding.weight.requires_grad_(not self.freeze)
        self.file_words = torch.zeros(n_file_words, self.output_size) if n_file_words else None
        with torch.no_grad():
            self.embedding.weight[self.tokenizer.unknown] = 0.0

    def _add_words(self, found: Mapping[str, np.ndarray]) -> int:
        """Take those words of the file that the training part lacks; returns how many they are."""
        n_trained = len(self.tokenizer)
        if isinstance(self.tokenizer, WordTokenizer):
            self.tokenizer.add(found)
        return len(self.tokenizer) - n_trained

    def _of_file(self, file: Path) -> dict[str, np.ndarray]:
        found = read_vectors(file, set(self.tokenizer.tokens), self.output_size, self.n_file_words)
        self._in_file = sum(token in found for token in self.tokenizer.tokens)
        if not self._in_file:
            raise ConfigError(
                f"{file}: has a vector for none of the {len(self.tokenizer)} tokens; it needs lower-case words "
                "(and pieces like those of the vocabulary, if words are split)."
            )
        return found

    def _start_from(self, found: Mapping[str, np.ndarray]) -> None:
        assert self.embedding is not None
        n_trained = self.embedding.num_embeddings
        with torch.no_grad():
            if self.freeze:
                self.embedding.weight.zero_()
            for index, token in enumerate(self.tokenizer.tokens[:n_trained]):
                if token in found:
                    self.embedding.weight[index] = torch.from_numpy(found[token])
        if self.file_words is not None:
            of_file = [found[token] for token in self.tokenizer.tokens[n_trained:]]
            self.file_words = torch.from_numpy(np.stack(of_file))


def _n_file_words(file: Path, most: int) -> int:
    try:
        number = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: cannot be read ({error}).") from error
    if type(number) is not int or not 1 <= number <= most:
        raise ModelError(f"{file}: has {number!r} in the place of a number from 1 to {most}; the model is damaged.")
    return number
