"""The vector of an utterance → classes, attributes, or both."""

from mtser.classifiers.attributes import AttributeRegressor, MultitaskHead
from mtser.classifiers.linear import LinearClassifier
from mtser.classifiers.mlp import MLPClassifier
from mtser.classifiers.score_mixture import ScoreMixture

__all__ = ["AttributeRegressor", "LinearClassifier", "MLPClassifier", "MultitaskHead", "ScoreMixture"]
