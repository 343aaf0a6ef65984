"""What a user would pick instead of a network: functionals and TF-IDF with logistic regression."""

from mtser.classical.logistic import LinearClassifier
from mtser.classical.model import ClassicalModel, FittedClassical
from mtser.classical.views import Part, ScaledFunctionals, TfIdf, View

__all__ = [
    "ClassicalModel",
    "FittedClassical",
    "LinearClassifier",
    "Part",
    "ScaledFunctionals",
    "TfIdf",
    "View",
]
