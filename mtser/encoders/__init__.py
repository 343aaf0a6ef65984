"""Frames and words → one vector a word."""

from mtser.encoders.audio import FrameEncoder, MeanSpeech, WordSpeech
from mtser.encoders.batch import Batch
from mtser.encoders.class_scores import TermScores, VectorScores
from mtser.encoders.contextual import ContextualEmbedding
from mtser.encoders.encoder import Encoder
from mtser.encoders.fine_tuning import FineTuning
from mtser.encoders.frame_attention import FrameAttention
from mtser.encoders.functionals import Functionals
from mtser.encoders.in_context import DialogTurns, InContext
from mtser.encoders.layer_sum import LayerSum
from mtser.encoders.phone_cnn import PhoneCNN
from mtser.encoders.phone_speech import PhoneSpeech
from mtser.encoders.ragged_gru import RaggedGRU
from mtser.encoders.ragged_rnn import RaggedRNN
from mtser.encoders.recurrent import Recurrent, RecurrentSpeech, RecurrentWords
from mtser.encoders.spec_augment import SpecAugment
from mtser.encoders.spectrogram_cnn import SpectrogramCNN
from mtser.encoders.text import WordEmbedding
from mtser.encoders.tokens import SubwordTokenizer, Tokenizer, WordTokenizer
from mtser.encoders.tuned import TunedEncoder
from mtser.encoders.wave_augment import WaveAugment
from mtser.encoders.word_vectors import WordVectors

__all__ = [
    "Batch",
    "ContextualEmbedding",
    "DialogTurns",
    "Encoder",
    "FineTuning",
    "FrameAttention",
    "FrameEncoder",
    "Functionals",
    "InContext",
    "LayerSum",
    "MeanSpeech",
    "PhoneCNN",
    "PhoneSpeech",
    "RaggedGRU",
    "RaggedRNN",
    "Recurrent",
    "RecurrentSpeech",
    "RecurrentWords",
    "SpecAugment",
    "SpectrogramCNN",
    "SubwordTokenizer",
    "TermScores",
    "Tokenizer",
    "TunedEncoder",
    "VectorScores",
    "WaveAugment",
    "WordEmbedding",
    "WordSpeech",
    "WordTokenizer",
    "WordVectors",
]
