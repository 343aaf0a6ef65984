"""HyperPyYAML files, and the overrides of a command line, checked."""

from mtser.configuration.hyperparameters import Hyperparameters
from mtser.configuration.overrides import nearest

__all__ = ["Hyperparameters", "nearest"]
