"""What is said in an utterance, as it is compared with others: who says the same knows the test beforehand."""

import re
import unicodedata

from mtser.corpora.utterance import Utterance


def scripts(utterance: Utterance) -> frozenset[str]:
    """What an utterance shares with others that say the same: its transcript, and its words as the model reads them.

    The two differ where a transcript notes what is no word ("[LAUGHTER] I know."). No transcript is none that two
    utterances share.

    Example
    -------
    >>> from mtser.alignment import Word
    >>> words = (Word("I", 0.4, 0.5), Word("KNOW", 0.5, 0.9))
    >>> sorted(scripts(Utterance("u1", "u1.wav", 1.0, "A", "sad", "[LAUGHTER] I know.", words)))
    ['i know', 'laughter i know']
    """
    return frozenset((script(utterance.text), script(" ".join(one.word for one in utterance.words)))) - {""}


def script(text: str) -> str:
    """A transcript as it is compared: lower-cased, without punctuation, spaces collapsed.

    Apostrophes vanish, other punctuation counts as a space ("Well--no" is "Well, no").

    Example
    -------
    >>> script("  Well--no; I don't KNOW... ")
    'well no i dont know'
    """
    text = re.sub("['`´‘’ʼ]", "", text.lower())
    text = "".join(" " if unicodedata.category(letter).startswith("P") else letter for letter in text)
    return " ".join(text.split())
