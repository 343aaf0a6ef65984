"""mtser: multimodal speech emotion recognition, word by word."""

__version__ = "0.1.0"
