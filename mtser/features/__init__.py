"""Audio → frames, the store they are kept in, and which frame belongs to which word."""

from mtser.features.batch_extractor import BatchExtractor
from mtser.features.contextual_words import ContextualWords
from mtser.features.extractor import Extractor, FrameExtractor, UnusableFeaturesError, UtteranceExtractor
from mtser.features.frame_statistics import FrameStatistics
from mtser.features.huggingface_words import HuggingFaceWords
from mtser.features.log_mel import LogMel
from mtser.features.means import UtteranceMeans, WordMeans
from mtser.features.opensmile_features import OpenSmileFrames, OpenSmileFunctionals
from mtser.features.opensmile_mfcc import OpenSmileMFCC
from mtser.features.pretrained_speech import PretrainedSpeech
from mtser.features.prosody_contours import ProsodyContours
from mtser.features.store import FeatureStore
from mtser.features.stored import StoredFeatures
from mtser.features.text_extractor import TextExtractor
from mtser.features.torch_mfcc import TorchMFCC
from mtser.features.utterance_input import UtteranceFeatures, UtteranceFrames
from mtser.features.word_feature_file import WordFeatureFile
from mtser.features.word_input import WordFrames
from mtser.features.word_phones import PhoneFrames, WordPhones

__all__ = [
    "BatchExtractor",
    "ContextualWords",
    "Extractor",
    "FeatureStore",
    "FrameExtractor",
    "FrameStatistics",
    "HuggingFaceWords",
    "LogMel",
    "OpenSmileFrames",
    "OpenSmileFunctionals",
    "OpenSmileMFCC",
    "PhoneFrames",
    "PretrainedSpeech",
    "ProsodyContours",
    "StoredFeatures",
    "TextExtractor",
    "TorchMFCC",
    "UnusableFeaturesError",
    "UtteranceExtractor",
    "UtteranceFeatures",
    "UtteranceFrames",
    "UtteranceMeans",
    "WordFeatureFile",
    "WordFrames",
    "WordMeans",
    "WordPhones",
]
