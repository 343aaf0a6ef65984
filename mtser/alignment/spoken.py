"""How a written word is said: "Dr." is "doctor", "FBI" three letters, "$20" two words."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mtser.alignment.spoken_numbers import MOST_READINGS, Reading, number_readings, spell_number
from mtser.languages import main_language

_ABBREVIATIONS = {
    **{"mr": "mister", "mrs": "missus", "ms": "miz", "dr": "doctor|drive", "prof": "professor", "jr": "junior"},
    **{
        "sr": "senior",
        "st": "saint|street",
        "vs": "versus",
        "etc": "et cetera|etcetera",
        "ave": "avenue",
        "blvd": "boulevard",
    },
    **{"dept": "department", "approx": "approximately", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant"},
    **{
        "gov": "governor",
        "gen": "general",
        "rev": "reverend",
        "inc": "incorporated|ink",
        "corp": "corporation",
        "ltd": "limited",
    },
    **{"e.g.": "e g|for example", "i.e.": "i e|that is", "ok": "okay", "&": "and", "@": "at", "%": "percent"},
    **{"w/": "with", "w/o": "without", "°": "degrees", "phd": "p h d", "tv": "t v", "id": "i d", "pc": "p c"},
}
"""English; readings are divided by "|". Only such that are no other word ("no", "am", "co")."""

_SIGNS = {
    "en": {
        "%": "percent",
        "&": "and",
        "@": "at",
        "+": "plus",
        "#": "number",
        "°": "degrees",
        "$": "dollars",
        "€": "euros",
    },
    "de": {"%": "prozent", "&": "und", "@": "at", "+": "plus", "#": "nummer", "°": "grad", "$": "dollar", "€": "euro"},
    "fr": {
        "%": "pour cent",
        "&": "et",
        "@": "arobase",
        "+": "plus",
        "#": "numéro",
        "°": "degrés",
        "$": "dollars",
        "€": "euros",
    },
    "es": {
        "%": "por ciento",
        "&": "y",
        "@": "arroba",
        "+": "más",
        "#": "número",
        "°": "grados",
        "$": "dólares",
        "€": "euros",
    },
    "it": {
        "%": "per cento",
        "&": "e",
        "@": "chiocciola",
        "+": "più",
        "#": "numero",
        "°": "gradi",
        "$": "dollari",
        "€": "euro",
    },
    "nl": {"%": "procent", "&": "en", "@": "at", "+": "plus", "#": "nummer", "°": "graden", "$": "dollar", "€": "euro"},
}
_MAGNITUDES = ("hundred", "thousand", "million", "billion", "trillion")
_VOWELS = set("AEIOUY")


def readings(words: Sequence[str], language: str = "en") -> tuple[tuple[Reading, ...], ...]:
    """The ways in which each word may be said, the likeliest first.

    Parameters
    ----------
    words
        Written words of a text, see :func:`~mtser.alignment.split.split_words`.
    language
        An ISO 639-1 code. English has abbreviations, amounts, times, years and acronyms; other languages have numbers,
        ordinals (as num2words knows them) and signs.

    Returns
    -------
    tuple of tuple of tuple of str
        For each word one reading or more, each of one spoken word or more, in lower case.

    Example
    -------
    >>> readings(["Dr", "No", "paid", "$20"])[0], readings(["FBI", "agents"])[0]
    ((('doctor',), ('drive',)), (('f', 'b', 'i'), ('fbi',)))
    >>> readings(["well-known"])
    ((('well', 'known'),),)
    """
    if main_language(language) != "en":
        return tuple(_in_other_language(word, language) for word in words)
    shouted = sum(word.isupper() for word in words if len(word) > 1) > len(words) / 2 and len(words) > 1
    found: list[tuple[Reading, ...]] = []
    for index, word in enumerate(words):
        after = words[index + 1].lower() if index + 1 < len(words) else ""
        before = words[index - 1] if index else ""
        if word.lower() in _MAGNITUDES and before[:1] in ("$", "£", "€"):
            currency = {"$": "dollars", "£": "pounds", "€": "euros"}[before[0]]
            found.append(((word.lower(), currency), (word.lower(),)))
        else:
            found.append(_english(word, shouted, after in _MAGNITUDES))
    return tuple(found)


@lru_cache(maxsize=65536)
def _english(word: str, shouted: bool, magnitude_follows: bool) -> tuple[Reading, ...]:
    plain = unicodedata.normalize("NFKC", word) if "°" not in word else word
    found = dict.fromkeys(_ways(plain, shouted, magnitude_follows))
    return tuple(reading for reading in found if reading)[:MOST_READINGS] or ((word.lower(),),)


def _ways(word: str, shouted: bool, magnitude_follows: bool) -> Iterator[Reading]:
    low = word.lower()
    if (said := _ABBREVIATIONS.get(low)) and not (shouted and low in ("id", "ms", "st")):
        yield from (tuple(one.split()) for one in said.split("|"))
    elif any(character.isdecimal() for character in word):
        yield from number_readings(word, magnitude_follows) or [_parts(word, shouted)]
    elif re.fullmatch(r"(?:[^\W\d_]\.){2,}(?:'?s)?|(?:[^\W\d_]\.)+[^\W\d_]", low):  # U.S., U.S.A
        yield tuple(re.findall(r"[^\W\d_]", low))
    elif not shouted and re.fullmatch(r"[A-Z]{2,6}(?:'?s)?", word):
        yield from _acronym(word)
    elif re.fullmatch(r"[^\W\d_]+(?:'[^\W\d_]+)*'?|'[^\W\d_]+'?", word):
        yield (low,)
    else:
        yield _parts(word, shouted)


def _acronym(word: str) -> Iterator[Reading]:
    """Spelled, or said as a word, which is likelier if it looks like one ("NASA")."""
    letters = re.match(r"[A-Z]+", word)[0]  # type: ignore[index]
    ending = word[len(letters) :].lower()
    spelled = (*letters.lower()[:-1], f"{letters[-1].lower()}{ending and chr(39) + 's'}")
    n_vowels = sum(letter in _VOWELS for letter in letters)
    if not n_vowels:
        yield spelled
    elif len(letters) > 3 and n_vowels >= 2:
        yield (word.lower(),)
        yield spelled
    else:
        yield spelled
        yield (word.lower(),)


def _parts(word: str, shouted: bool) -> Reading:
    """Words that are joined by signs or of letters and digits: one part after the other."""
    spoken: list[str] = []
    if len(joined := [part for part in re.split(r"[-‐–/]", word) if part]) > 1:
        return tuple(token for part in joined for token in _english(part, shouted, False)[0])
    for part in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*'?|[\d,]*\d|[%&@+#°$€.]", word):
        if part == ".":
            spoken += ["dot"] if re.search(r"\w\.\w", word) else []
        elif part in _SIGNS["en"]:
            spoken += _SIGNS["en"][part].split()
        elif part[0].isdecimal():
            spoken += (number_readings(part) or ((part,),))[0]
        elif len(part) == 1 or (part.isupper() and not shouted and len(part) < 4):
            spoken += part.lower()
        else:
            spoken += _english(part, True, False)[0] if part != word else (part.lower(),)
    return tuple(spoken)


@lru_cache(maxsize=65536)
def _in_other_language(word: str, language: str) -> tuple[Reading, ...]:
    word = unicodedata.normalize("NFKC", word)
    signs = _SIGNS.get(main_language(language), {})
    spoken: list[str] = []
    for part in re.findall(r"\d+(?:[.,]\d{3})+(?!\d)|\d+[.,]\d+|\d+\.?|[^\W\d_]+(?:['’][^\W\d_]*)*|[%&@+#°$€]", word):
        if part[0].isdecimal():
            spoken += _number(part, language).split() or [part]
        else:
            spoken += signs.get(part, part.lower()).split()
    return (tuple(spoken),) if spoken else ((word.lower(),),)


def _number(part: str, language: str) -> str:
    if re.fullmatch(r"\d+(?:[.,]\d{3})+", part):
        return spell_number(int(re.sub(r"[.,]", "", part)), language)
    if part.endswith("."):
        return spell_number(int(part[:-1]), language, "ordinal")
    if "," in part or "." in part:
        return spell_number(float(part.replace(",", ".")), language)
    return spell_number(int(part), language)
