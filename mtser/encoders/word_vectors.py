"""Features of words that are vectors already, as an encoder."""

from torch import nn

from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.features.word_feature_file import WordFeatureFile
from mtser.sequence import Sequence, Sequences


class WordVectors(FrameEncoder):
    """One linear map of every word's vector, normalised with mean and deviation of the training part.

    Parameters
    ----------
    features
        One vector a word.
    output_size
        Width of the vectors that come out.
    """

    reads = "word"

    def __init__(self, features: WordFeatureFile, output_size: int = 50) -> None:
        super().__init__(features)
        self.linear = nn.Linear(self.frame_size, output_size)
        self.output_size = output_size

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, output_size]``."""
        return batch.sequence(self.linear(self.frames(batch).values))
