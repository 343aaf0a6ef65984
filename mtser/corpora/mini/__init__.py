"""The mini corpus: synthetic speech in the layout of IEMOCAP, made on the spot."""

from mtser.corpora.mini.make import make_mini_corpus

__all__ = ["make_mini_corpus"]
