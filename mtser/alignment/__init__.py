"""What was said when: words and phones with their times."""

from mtser.alignment.aligner import Aligner
from mtser.alignment.word import Phone, Word

__all__ = ["Aligner", "Phone", "Word"]
