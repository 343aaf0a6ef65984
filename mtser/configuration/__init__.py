"""HyperPyYAML files, and the overrides of a command line, checked."""

from mtser.configuration.hyperparameters import Hyperparameters
from mtser.configuration.option_names import nearest
from mtser.configuration.settings import as_text, read_names

__all__ = ["Hyperparameters", "as_text", "nearest", "read_names"]
