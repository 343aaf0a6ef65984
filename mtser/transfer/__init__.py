"""A finished run on another corpus: ``mtser evaluate``."""
