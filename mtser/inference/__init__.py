"""A trained model on a recording: the emotion, and what it rests on."""

from mtser.inference.recognition import Recognition, WordEvidence

__all__ = ["Recognition", "WordEvidence"]
