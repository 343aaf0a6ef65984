"""Functionals of an utterance's audio, as an encoder."""

from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.features.utterance_input import UtteranceFeatures
from mtser.sequence import Sequence, Sequences


class Functionals(FrameEncoder):
    """One vector an utterance: its functionals, normalised.

    Parameters
    ----------
    features
        The functionals.
    """

    def __init__(self, features: UtteranceFeatures) -> None:
        super().__init__(features)
        self.output_size = features.dimension

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, 1, output_size]`` of unit "utterance"."""
        return batch.vectors(self.frames(batch).values)
