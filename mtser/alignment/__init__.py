"""What was said when: words and phones with their times."""

from mtser.alignment.aligner import Aligner
from mtser.alignment.find import find_aligner
from mtser.alignment.many import Spoken, align_many
from mtser.alignment.word import Phone, Word

__all__ = ["Aligner", "Phone", "Spoken", "Word", "align_many", "find_aligner"]
