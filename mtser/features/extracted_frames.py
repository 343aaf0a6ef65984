"""What all inputs share that are made of the frames of an extractor."""

from mtser.corpora.corpus import Skipped
from mtser.features.extractor import FrameExtractor
from mtser.features.input import Input
from mtser.features.source import FeatureSource


class ExtractedFrames(Input):
    """Frames of an extractor, however they are cut or averaged.

    Attributes
    ----------
    extractor
        Audio → frames.
    """

    extractor: FrameExtractor

    @property
    def dimension(self) -> int:
        """Width of a frame."""
        return self.extractor.dimension

    @property
    def n_layers(self) -> int:
        """Layers of a pretrained encoder that stand beside each other in a frame."""
        return self.extractor.n_layers

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Extract the features of the whole corpus."""
        return list(source.features(self.extractor).skipped())
