"""How English words are pronounced with what is installed."""

import importlib.util

from mtser.pronunciation.dictionary import DictionaryPronouncer
from mtser.pronunciation.espeak import EspeakPronouncer
from mtser.pronunciation.pronouncer import FirstThatKnows, Pronouncer


def english_pronouncer() -> Pronouncer:
    """The CMU dictionary if pocketsphinx is installed, then espeak-ng if that is, then rules of spelling.

    Example
    -------
    >>> english_pronouncer().phones(["mortgage"])
    [('M', 'AO', 'R', 'G', 'AH', 'JH')]
    """
    known: list[Pronouncer] = []
    if importlib.util.find_spec("pocketsphinx"):
        known.append(DictionaryPronouncer())
    if importlib.util.find_spec("espeakng_loader"):
        known.append(EspeakPronouncer())
    return FirstThatKnows(known)
