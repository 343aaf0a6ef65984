"""How words are pronounced: spelling → phones, without a network."""

from mtser.pronunciation.dictionary import DictionaryPronouncer
from mtser.pronunciation.english import english_pronouncer
from mtser.pronunciation.espeak import EspeakPronouncer
from mtser.pronunciation.pronouncer import FirstThatKnows, Pronouncer, letters

__all__ = ["DictionaryPronouncer", "EspeakPronouncer", "FirstThatKnows", "Pronouncer", "english_pronouncer", "letters"]
