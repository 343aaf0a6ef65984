"""Which words IEMOCAP's transcripts hold."""

import re

from mtser.alignment.sphinx_segmentation import is_tag

_TRANSCRIPT_TAG = re.compile(r"\[(\w+)\]")
_PUNCTUATION_AROUND = re.compile(r"^[^\w+]+|[^\w+]+$")


def transcript_words(text: str, keep_non_speech: bool) -> tuple[str, ...]:
    """The words of a transcript, spelled as an alignment spells them: upper case, without punctuation around them.

    Example
    -------
    >>> transcript_words("Don't -- [LAUGHTER] you, too?", keep_non_speech=True)
    ("DON'T", '++LAUGHTER++', 'YOU', 'TOO')
    """
    marked = _TRANSCRIPT_TAG.sub(r" ++\1++ ", text).upper()
    words = (_PUNCTUATION_AROUND.sub("", token) for token in marked.split())
    return tuple(word for word in words if word and (keep_non_speech or not is_tag(word)))
