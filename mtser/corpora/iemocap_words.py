"""Which labels of IEMOCAP's alignments and transcripts are words."""

import re
from collections.abc import Iterable
from dataclasses import replace

from mtser.alignment.word_times import TimedLabel

_VARIANT = re.compile(r"\(\d+\)$")
_TAG = re.compile(r"\+\+.*\+\+")
_TRANSCRIPT_TAG = re.compile(r"\[(\w+)\]")
_PUNCTUATION_AROUND = re.compile(r"^[^\w+]+|[^\w+]+$")


def spoken_words(rows: Iterable[TimedLabel], keep_non_speech: bool) -> tuple[TimedLabel, ...]:
    """The rows of a .wdseg file that are words, spelled without their number of pronunciation.

    ``<s>``, ``</s>`` and ``<sil>`` are no words; tags such as ``++LAUGHTER++`` are if ``keep_non_speech``.

    Example
    -------
    >>> rows = [TimedLabel(label, 0.0, 0.1, 2) for label in ("<s>", "THE(2)", "++LAUGHTER++", "END")]
    >>> [row.label for row in spoken_words(rows, keep_non_speech=False)]
    ['THE', 'END']
    """
    words = []
    for row in rows:
        if row.label.startswith("<") and row.label.endswith(">"):
            continue
        if _TAG.fullmatch(row.label):
            if keep_non_speech:
                words.append(row)
            continue
        words.append(replace(row, label=_VARIANT.sub("", row.label)))
    return tuple(words)


def transcript_words(text: str, keep_non_speech: bool) -> tuple[str, ...]:
    """The words of a transcript, spelled as an alignment spells them: upper case, without punctuation around them.

    Example
    -------
    >>> transcript_words("Don't -- [LAUGHTER] you, too?", keep_non_speech=True)
    ("DON'T", '++LAUGHTER++', 'YOU', 'TOO')
    """
    marked = _TRANSCRIPT_TAG.sub(r" ++\1++ ", text).upper()
    words = (_PUNCTUATION_AROUND.sub("", token) for token in marked.split())
    return tuple(word for word in words if word and (keep_non_speech or not _TAG.fullmatch(word)))
