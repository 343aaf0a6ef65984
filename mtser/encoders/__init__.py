"""Frames and words → one vector a word."""

from mtser.encoders.audio import FrameEncoder, MeanSpeech, WordSpeech
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.encoders.frame_attention import FrameAttention
from mtser.encoders.ragged_gru import RaggedGRU
from mtser.encoders.text import WordEmbedding
from mtser.encoders.tokens import SubwordTokenizer, Tokenizer, WordTokenizer

__all__ = [
    "Batch",
    "Encoder",
    "FrameAttention",
    "FrameEncoder",
    "MeanSpeech",
    "RaggedGRU",
    "SubwordTokenizer",
    "Tokenizer",
    "WordEmbedding",
    "WordSpeech",
    "WordTokenizer",
]
