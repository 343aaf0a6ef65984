"""The vector of an utterance → classes."""

from mtser.classifiers.mlp import MLPClassifier

__all__ = ["MLPClassifier"]
