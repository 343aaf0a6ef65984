"""espeak-ng's American English in the 39 phones of the CMU dictionary (ARPAbet without stress)."""

import re
from collections.abc import Iterable

# Each of espeak-ng's names that its voice en-us uses, without stress marks. Checked against the CMU dictionary, word by
# word; what has no phone there (glides between vowels, pauses) is left out.
_ARPABET = {
    **{"p": "P", "b": "B", "t": "T", "t#": "T", "t2": "T", "?": "T", "d": "D", "k": "K", "g": "G", "x": "K"},
    **{"f": "F", "v": "V", "T": "TH", "D": "DH", "s": "S", "z": "Z", "S": "SH", "Z": "ZH", "h": "HH"},
    **{"tS": "CH", "dZ": "JH", "m": "M", "n": "N", "N": "NG", "l": "L", "l#": "L", "r": "R", "w": "W", "j": "Y"},
    **{"n-": "AH N", "@L": "AH L", "r-": "R"},
    **{"i": "IY", "i:": "IY", "i::": "IY", "I": "IH", "I2": "IH", "I#": "IH", "E": "EH", "a": "AE", "aa": "AE"},
    **{"@": "AH", "@2": "AH", "@-": "AH", "a#": "AH", "V": "AH", "0": "AA", "A:": "AA", "a:": "AA", "a#:": "AA"},
    **{
        "O": "AO",
        "O:": "AO",
        "O2": "AO",
        "o": "OW",
        "oU": "OW",
        "U": "UH",
        "u:": "UW",
        "eI": "EY",
        "aI": "AY",
        "aU": "AW",
        "OI": "OY",
    },
    **{"3": "ER", "3:": "ER", "A@": "AA R", "O@": "AO R", "o@": "AO R", "e@": "EH R", "U@": "UH R", "i@3": "IH R"},
    **{"i@": "IY AH", "aI@": "AY AH", "aI3": "AY ER", "A~": "AA N", "O~": "AO N"},
    **{";": "", "": ""},
}
_STRESS = "'\",%="
_PAUSE = re.compile(r"_[:!|]*")


def to_arpabet(names: Iterable[str]) -> tuple[str, ...] | None:
    """Translate the phonemes of a word or of a longer stretch.

    Parameters
    ----------
    names
        As espeak-ng names them (its mnemonics, not IPA), with or without stress marks.

    Returns
    -------
    tuple of str or None
        None if one of them is unknown here.

    Example
    -------
    >>> to_arpabet(["b", "'e@", "r", "i"]), to_arpabet(["W"])
    (('B', 'EH', 'R', 'IY'), None)
    """
    phones: list[str] = []
    for name in names:
        plain = name.lstrip(_STRESS)
        if _PAUSE.fullmatch(plain):
            continue
        if plain not in _ARPABET:
            return None
        if plain == ";" and phones and phones[-1] == "IH":  # the glide of "abbreviate" makes the vowel before it long
            phones[-1] = "IY"
        for phone in _ARPABET[plain].split():
            if not (phone == "R" and phones and phones[-1] in ("R", "ER")):  # "e@" and "3" have the r that follows
                phones.append(phone)
    return tuple(phones)
