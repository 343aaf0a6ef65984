"""The nearest English phones (ARPAbet) of sounds in IPA: an acoustic model of English for want of another."""

import unicodedata
from collections.abc import Iterable

from mtser.pronunciation.pronouncer import Phones

# Consonants and vowels of European languages, one English phone or several for each; the longest that fits counts.
_NEAREST = {
    **{"p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "g": "G", "ɡ": "G", "q": "K", "ʔ": "", "c": "K", "ɟ": "G"},
    **{
        "m": "M",
        "n": "N",
        "ŋ": "NG",
        "ɲ": "N Y",
        "ɱ": "M",
        "ɴ": "NG",
        "f": "F",
        "v": "V",
        "ɸ": "F",
        "β": "V",
        "ʋ": "V",
    },
    **{"θ": "TH", "ð": "DH", "s": "S", "z": "Z", "ʃ": "SH", "ʒ": "ZH", "ɕ": "SH", "ʑ": "ZH", "ʂ": "SH", "ʐ": "ZH"},
    **{"ç": "HH", "x": "HH", "χ": "HH", "ɣ": "G", "ħ": "HH", "h": "HH", "ɦ": "HH", "ʁ": "R", "ʀ": "R", "r": "R"},
    **{"ɾ": "R", "ɹ": "R", "ɻ": "R", "l": "L", "ɫ": "L", "ʎ": "L Y", "ɭ": "L", "j": "Y", "w": "W", "ɥ": "W", "ʍ": "W"},
    **{"ts": "T S", "dz": "D Z", "tʃ": "CH", "dʒ": "JH", "tɕ": "CH", "dʑ": "JH", "pf": "P F"},
    **{"i": "IY", "y": "IY", "ɨ": "IH", "ʉ": "UW", "ɯ": "UW", "u": "UW", "ɪ": "IH", "ʏ": "IH", "ʊ": "UH", "e": "EY"},
    **{"ø": "ER", "ɘ": "AH", "ə": "AH", "ɵ": "ER", "ɤ": "AH", "o": "OW", "ɛ": "EH", "œ": "ER", "ɜ": "ER", "ʌ": "AH"},
    **{"ɔ": "AO", "æ": "AE", "ɐ": "AH", "a": "AA", "ɶ": "AA", "ɑ": "AA", "ɒ": "AO", "ɚ": "ER", "ɝ": "ER", "ᵻ": "IH"},
    **{"aɪ": "AY", "ai": "AY", "aʊ": "AW", "au": "AW", "ɔɪ": "OY", "ɔø": "OY", "ɔy": "OY", "ɔʏ": "OY", "eɪ": "EY"},
    **{"oʊ": "OW", "əʊ": "OW", "ɑː": "AA", "ɛː": "EH", "eː": "EY", "ɜː": "ER"},
}


def nearest_arpabet(phones: Iterable[str]) -> Phones:
    """English phones that sound most like those of another language; marks of length and accents are left out.

    Example
    -------
    >>> nearest_arpabet(["ʃ", "t", "ʏ", "k"]), nearest_arpabet(["ts", "aɪ", "t"])
    (('SH', 'T', 'IH', 'K'), ('T', 'S', 'AY', 'T'))
    """
    found: list[str] = []
    for phone in phones:
        plain = "".join(one for one in phone if not _is_mark(one))
        place = 0
        while place < len(plain):
            known = next((n for n in (2, 1) if plain[place : place + n] in _NEAREST), 0)
            found += _NEAREST[plain[place : place + known]].split() if known else []
            place += known or 1
    return tuple(found)


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0 or unicodedata.category(character) in ("Lm", "Sk", "Po", "Pd")
