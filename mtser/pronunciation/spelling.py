"""English pronunciation by rules of spelling alone: for words that no dictionary has, without espeak-ng."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from mtser.languages import main_language
from mtser.pronunciation.pronouncer import Phones, Pronouncer

# Letters → phones; the first rule that fits at a place counts. "^" is the word's beginning, "$" its end.
_RULES = r"""
^kn N | ^gn N | ^pn N | ^wr R | ^ps S | ^x Z | ^rh R | ^who HH UW | wh W | ^mc M AH K | ^eu Y UW
tch CH | sch S K | ch(?=[rlt]) K | ch CH | ck K | cc(?=[eiy]) K S | cc K | qu K W | q K | dg(?=[eiy]) JH
ssion SH AH N | sion$ ZH AH N | sions$ ZH AH N Z | tions$ SH AH N Z | tion SH AH N | tial SH AH L | cial SH AH L
tious$ SH AH S | cious$ SH AH S | ture$ CH ER | sure$ ZH ER | cian$ SH AH N | sh SH | sc(?=[eiy]) S | ss S
thes$ DH Z | (?<=.)the$ DH | th TH | ph F | gh(?=t) | (?<=[aeou]i)gh | (?<=au)gh | (?<=ou)gh | gh G
gg G | gn$ N | ge$ JH | g(?=[eiy]) JH | g G | ng$ NG | ngs$ NG Z | ng(?=[kls]) NG | n(?=[kqx]) NG | ^j JH | j JH
mb$ M | mbs$ M Z | mm M | mn$ M | nn N | bt$ T | bb B | dd D | ff F | ll L | pp P | rr R | tt T | zz Z
sts$ S T S | (?<=[ptkf])s$ S | (?<=[aeiouylrmnbdgvwz])s$ Z | s(?=m$) Z | (?<=[aeiou])s(?=[aeiou]) Z | s S
(?<=[td])ed$ IH D | (?<=[pkfsxh])ed$ T | (?<=[^aeiou])ed$ D | (?<=[szxh])es$ IH Z | (?<=[cg])es$ IH Z
eigh EY | ough AO | augh AO | igh AY | air EH R | are$ EH R | arr AE R | war W AO R | wor W ER | wa(?=[nst]) W AA
eer IH R | ear$ IH R | ear ER | ere$ IH R | er(?=[aeiou]) EH R | er ER | ir(?=e$) AY | ir(?=[aeiou]) IH R | ir ER
ure$ Y UH R | ur ER | oor AO R | our AO R | oar AO R | or$ ER | or AO R | ar AA R | yr IH R
ai EY | ay EY | au AO | aw AO | ea(?=d$) EH | ea IY | ee IY | ei IY | ey$ IY | ey EY | eau OW | eu UW | ew UW
ie$ IY | ies$ IY Z | ied$ IY D | ie IY | io(?=[^n]) IY OW | ia IY AH | oa OW | oe$ OW | oi OY | oy OY | oo(?=k) UH
oo UW | ous$ AH S | ou AW | ow$ OW | ow AW | ui UW | ue$ UW | uy AY
able$ AH B AH L | ible$ AH B AH L | (?<=[^aeiouy])le$ AH L | (?<=[^aeiouy])les$ AH L Z | age$ IH JH | ful$ F AH L
al$ AH L | an$ AH N | en$ AH N | on$ AH N | ness$ N AH S | less$ L AH S | ment$ M AH N T | ity$ AH T IY | ism$ IH Z AH M
a(?=tion) EY | a(?=[^aeiouywxr][e](?:s|d|ly)?$) EY | e(?=[^aeiouywxr]e(?:s|d)?$) IY | i(?=[^aeiouywxr]e(?:s|d|ly)?$) AY
o(?=[^aeiouywxr]e(?:s|d)?$) OW | u(?=[^aeiouywxr]e(?:s|d)?$) UW | y(?=[^aeiouywxr]e(?:s|d)?$) AY
^y Y | (?<=^[^aeiou])y$ AY | (?<=^[^aeiou][^aeiou])y$ AY | y$ IY | y(?=[aeou]) Y | y IH
(?<=^[^aeiouy])e$ IY | (?<=^[^aeiouy][^aeiouy])e$ IY | e$ | es$ Z
a$ AH | i$ IY | o$ OW | u$ UW | (?<=^[^aeiou])o(?=[^aeiou][aeiou]) OW | (?<=^[^aeiou])a(?=[^aeiou][aeiou]) EY
c(?=[eiy]) S | c K | x K S | b B | d D | f F | h(?=[aeiouy]) HH | h | k K | l L | m M | n N | p P | r R | t T | v V
w W | z Z | a AE | e EH | i IH | o AA | u AH
"""
_LETTER_NAMES = {
    **{"a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH", "i": "AY"},
    **{"j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY", "q": "K Y UW"},
    **{"r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY", "w": "D AH B AH L Y UW", "x": "EH K S"},
    **{"y": "W AY", "z": "Z IY"},
}
_VOWELS = set("aeiouy")


class SpellingPronouncer(Pronouncer):
    """Some 200 rules that read an English word from left to right; a word without vowels is spelled.

    Notes
    -----
    Against the first pronunciation of the CMU dictionary, 19 in 100 phones are wrong (espeak-ng: 10), most of them
    vowels. A forced aligner can do with that, because every word stays near its sounds.

    Example
    -------
    >>> SpellingPronouncer().phones(["chatting", "brexit", "Zürich", "--"])
    [('CH', 'AE', 'T', 'IH', 'NG'), ('B', 'R', 'EH', 'K', 'S', 'IH', 'T'), ('Z', 'ER', 'IH', 'CH'), ()]
    """

    @property
    def name(self) -> str:
        """What it goes by."""
        return "rules of spelling"

    def phones(self, words: Sequence[str], language: str = "en") -> list[Phones]:
        """Pronounce words; those of another language than English are unknown."""
        in_english = main_language(language) == "en"
        return [self._read(word) if in_english else () for word in words]

    def settings(self) -> dict[str, Any]:
        """The version of the rules."""
        return {"class": "SpellingPronouncer", "version": 1}

    @staticmethod
    def _read(word: str) -> Phones:
        decomposed = unicodedata.normalize("NFKD", word.lower())
        letters = "".join(letter for letter in decomposed if "a" <= letter <= "z")
        if not _VOWELS & set(letters):
            return SpellingPronouncer._spelled(letters)
        phones: list[str] = []
        place = 0
        while place < len(letters):
            for rule, sounds in _PARSED:
                if (match := rule.match(letters, place)) and match.end() > place:
                    phones += sounds
                    place = match.end()
                    break
            else:
                place += 1
        return tuple(phones) or SpellingPronouncer._spelled(letters)

    @staticmethod
    def _spelled(letters: str) -> Phones:
        return tuple(phone for letter in letters for phone in _LETTER_NAMES[letter].split())


def _parsed() -> list[tuple[re.Pattern[str], list[str]]]:
    found = []
    for rule in re.split(r"(?<!\?:s)\s\|\s|\n", _RULES.strip()):
        pattern, *sounds = rule.split()
        found.append((re.compile(pattern), sounds))
    return found


_PARSED = _parsed()
