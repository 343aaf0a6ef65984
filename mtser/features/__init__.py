"""Audio → frames, the store they are kept in, and which frame belongs to which word."""

from mtser.features.extractor import FrameExtractor, UnusableFeaturesError
from mtser.features.opensmile_mfcc import OpenSmileMFCC
from mtser.features.store import FeatureStore
from mtser.features.stored import StoredFeatures
from mtser.features.torch_mfcc import TorchMFCC
from mtser.features.word_input import WordFrames

__all__ = [
    "FeatureStore",
    "FrameExtractor",
    "OpenSmileMFCC",
    "StoredFeatures",
    "TorchMFCC",
    "UnusableFeaturesError",
    "WordFrames",
]
