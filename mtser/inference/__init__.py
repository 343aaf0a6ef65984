"""A trained model on a recording: the emotion, and what it rests on."""

from mtser.inference.recognition import Recognition, WordEvidence
from mtser.inference.recognizer import EmotionRecognizer
from mtser.inference.recordings import FailedRecording, Recording

__all__ = ["EmotionRecognizer", "FailedRecording", "Recognition", "Recording", "WordEvidence"]
