"""Word vectors of all modalities → one vector of the utterance."""

from mtser.fusion.co_attention import CoAttention
from mtser.fusion.context_pooling import ContextPooling
from mtser.fusion.early_late import EarlyFusion, LateFusion
from mtser.fusion.learned_alignment import AdditiveAttention, DotProductAttention, LearnedAlignment
from mtser.fusion.multi_hop import MultiHopAttention
from mtser.fusion.mutual_correlation import MutualCorrelation
from mtser.fusion.pooling import Aggregate, Pooling
from mtser.fusion.positions import Positions
from mtser.fusion.projected_vectors import ProjectedVectors
from mtser.fusion.query_attention import QueryAttention
from mtser.fusion.recurrent_layer import RecurrentLayer
from mtser.fusion.transformer import SharedTransformer
from mtser.fusion.utterance import JointVector
from mtser.fusion.word_interaction import WordInteraction

__all__ = [
    "AdditiveAttention",
    "Aggregate",
    "CoAttention",
    "ContextPooling",
    "DotProductAttention",
    "EarlyFusion",
    "JointVector",
    "LateFusion",
    "LearnedAlignment",
    "MultiHopAttention",
    "MutualCorrelation",
    "Pooling",
    "Positions",
    "ProjectedVectors",
    "QueryAttention",
    "RecurrentLayer",
    "SharedTransformer",
    "WordInteraction",
]
