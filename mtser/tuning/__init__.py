"""The search for settings, by dev parts alone: ``mtser tune``."""

from mtser.tuning.space import Parameter, Space, read_space

__all__ = ["Parameter", "Space", "read_space"]
