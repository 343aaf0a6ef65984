"""Pretrained encoders of speech, family by family."""

from mtser.features.speech.find import find_speech_model, speech_model
from mtser.features.speech.model import SpeechModel
from mtser.features.speech.windowed import windowed_states

__all__ = ["SpeechModel", "find_speech_model", "speech_model", "windowed_states"]
