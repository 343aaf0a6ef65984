"""The search for settings, by dev parts alone: ``mtser tune``."""

from mtser.tuning.parameter import Parameter
from mtser.tuning.space import Space, read_space

__all__ = ["Parameter", "Space", "read_space"]
