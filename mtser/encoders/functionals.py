"""Functionals of an utterance's audio, as an encoder."""

from torch import nn

from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.encoders.fine_tuning import FineTuning
from mtser.features.means import UtteranceMeans
from mtser.features.utterance_input import UtteranceFeatures
from mtser.sequence import Sequence, Sequences


class Functionals(FrameEncoder):
    """One vector an utterance: its functionals, or the mean of its frames, normalised.

    Parameters
    ----------
    features
        The functionals, or the means.
    size
        Of the result of one linear map; None for the vector as it is.
    fine_tuning
        As of :class:`~mtser.encoders.audio.FrameEncoder`.
    """

    reads, reads_frames = "utterance", False

    def __init__(
        self,
        features: UtteranceFeatures | UtteranceMeans,
        size: int | None = None,
        fine_tuning: FineTuning | None = None,
    ) -> None:
        super().__init__(features, fine_tuning=fine_tuning)
        self.output_size = size or self.frame_size
        self.linear = nn.Linear(self.frame_size, size) if size else nn.Identity()

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, 1, output_size]`` of unit "utterance"."""
        return batch.vectors(self.linear(self.frames(batch).values))
