"""Word vectors of all modalities → one vector of the utterance."""

from mtser.fusion.co_attention import CoAttention
from mtser.fusion.pooling import Aggregate, Pooling
from mtser.fusion.positions import Positions
from mtser.fusion.transformer import SharedTransformer
from mtser.fusion.utterance import JointVector

__all__ = ["Aggregate", "CoAttention", "JointVector", "Pooling", "Positions", "SharedTransformer"]
