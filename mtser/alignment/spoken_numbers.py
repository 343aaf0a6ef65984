"""How what has digits in it is said: numbers, amounts, times, years. Most can be said in several ways."""

import re
from collections.abc import Iterator
from functools import lru_cache

from mtser.errors import MtserError
from mtser.languages import main_language

Reading = tuple[str, ...]
"""The words that are spoken for one written word, in lower case."""

MOST_READINGS = 8

_NUMBER = r"\d{1,3}(?:,\d{3})+(?!\d)|\d+"
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "€": ("euro", "euros", "cent", "cents"),
    "¥": ("yen", "yen", "", ""),
}
_UNITS = {
    **{"%": "percent", "°": "degrees", "°c": "degrees celsius", "°f": "degrees fahrenheit", "km": "kilometers"},
    **{"kg": "kilograms", "cm": "centimeters", "mm": "millimeters", "m": "meters", "g": "grams", "mg": "milligrams"},
    **{"mph": "miles an hour", "lb": "pounds", "lbs": "pounds", "oz": "ounces", "ft": "feet", "hz": "hertz"},
    **{"khz": "kilohertz", "ms": "milliseconds", "am": "a m", "pm": "p m", "a.m.": "a m", "p.m.": "p m"},
    **{"k": "thousand", "bn": "billion", "min": "minutes", "hrs": "hours", "gb": "gigabytes", "mb": "megabytes"},
}


def number_readings(word: str, magnitude_follows: bool = False) -> tuple[Reading, ...]:
    """The ways to say an English word that has digits; none if it is of no known form.

    Parameters
    ----------
    word
        As written: "$3.50", "1990s", "12:30", "5th", "10-15", "007".
    magnitude_follows
        Whether the next word is "million" or the like, behind which the currency is said.

    Raises
    ------
    MtserError
        If num2words is not installed.

    Example
    -------
    >>> number_readings("$20"), number_readings("5th")
    ((('twenty', 'dollars'),), (('fifth',),))
    >>> [" ".join(reading) for reading in number_readings("1990")]
    ['nineteen ninety', 'one thousand nine hundred and ninety', 'one thousand nine hundred ninety', ...]
    """
    found = dict.fromkeys(tuple(text.split()) for text in _said(word.lower(), magnitude_follows))
    return tuple(reading for reading in found if reading)[:MOST_READINGS]


def _said(word: str, magnitude_follows: bool) -> Iterator[str]:
    if match := re.fullmatch(rf"([$£€¥])({_NUMBER})(?:\.(\d\d?))?([kmb]|bn)?", word):
        yield from _money(match[1], match[2], match[3], match[4], magnitude_follows)
    elif match := re.fullmatch(rf"({_NUMBER})(?:\.(\d\d?))?([$£€¥])", word):
        yield from _money(match[3], match[1], match[2], None, False)
    elif match := re.fullmatch(rf"({_NUMBER})(?:st|nd|rd|th)", word):
        yield from _with_and(_in_words(match[1], "ordinal"))
    elif match := re.fullmatch(r"'?(\d\d(?:\d\d)?)'?s", word):
        for text in _whole(match[1]):
            yield _plural(text)
    elif match := re.fullmatch(r"(\d{1,2})[:.h](\d\d)(?:[:.](\d\d))?([ap]\.?m\.?)?", word):
        if word[len(match[1])] == ":" or match[4]:
            yield from _time(
                int(match[1]),
                match[2],
                match[3],
                " a m" if match[4] and match[4][0] == "a" else " p m" if match[4] else "",
            )
        else:
            yield from _decimal(match[1], match[2])
    elif match := re.fullmatch(rf"[-−]({_NUMBER})(?:\.(\d+))?", word):
        for text in _decimal(match[1], match[2]):
            yield f"minus {text}"
            yield f"negative {text}"
    elif match := re.fullmatch(rf"({_NUMBER})?(?:\.(\d+))?", word):
        yield from _decimal(match[1] or "", match[2])
    elif match := re.fullmatch(r"(\d+)/(\d+)", word):
        yield from _fraction(int(match[1]), int(match[2]))
    elif (match := re.fullmatch(rf"({_NUMBER})(?:\.(\d+))?([^\d,.\-/]\D*)", word)) and match[3] in _UNITS:
        for text in _decimal(match[1], match[2]):
            yield f"{text} {_UNITS[match[3]]}"
            if match[3] == "k":
                yield f"{text} k"
    elif re.fullmatch(r"\d+(?:[-–/.]\d+)+", word):
        parts = re.split(r"[-–/.]", word)
        between = {"-": "to", "–": "to", ".": "point", "/": ""}[re.search(r"[-–/.]", word)[0]]  # type: ignore[index]
        firsts = [next(iter(_whole(part))) for part in parts]
        if len(parts) == 2:
            yield f" {between} ".join(firsts)
        yield " ".join(firsts)
        yield " ".join(_digit_by_digit(part) for part in parts)


def _money(sign: str, whole: str, cents: str | None, magnitude: str | None, magnitude_follows: bool) -> Iterator[str]:
    one, many, one_cent, many_cents = _CURRENCIES[sign]
    if magnitude or magnitude_follows:
        size = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion", None: ""}[magnitude]
        for text in _decimal(whole, cents):
            yield f"{text} {size} {'' if magnitude_follows and not magnitude else many}"
        return
    is_one = whole.lstrip("0") == "1"
    for text in _whole(whole, with_years=False):
        amount = f"{text} {one if is_one else many}"
        if not cents or not int(cents) or not one_cent:
            yield amount
            continue
        small = next(iter(_whole(cents.ljust(2, "0").lstrip("0"), with_years=False)))
        yield f"{amount} {small} {one_cent if int(cents) == 1 and len(cents) == 2 else many_cents}"
        yield f"{amount} and {small} {one_cent if int(cents) == 1 and len(cents) == 2 else many_cents}"
        yield f"{text} {small}"
        yield f"{amount} {small}"


def _time(hours: int, minutes: str, seconds: str | None, half_day: str) -> Iterator[str]:
    hour = _in_words(str(hours))
    if int(minutes) == 0 and not seconds:
        yield f"{hour}{half_day}" if half_day else f"{hour} o'clock"
        yield f"{hour} hundred{half_day}" if not half_day else f"{hour} o'clock{half_day}"
        yield hour
        return
    small = _in_words(str(int(minutes)))
    after = f" {_in_words(str(int(seconds)))}" if seconds else ""
    yield f"{hour} {'oh ' if minutes[0] == '0' else ''}{small}{after}{half_day}"
    if minutes[0] == "0":
        yield f"{hour} zero {small}{after}{half_day}"
    if seconds or half_day:
        return
    if minutes == "30":
        yield f"half past {hour}"
    if minutes == "15":
        yield f"quarter past {hour}"
        yield f"a quarter past {hour}"
    if minutes == "45":
        yield f"quarter to {_in_words(str(hours % 12 + 1))}"
        yield f"a quarter to {_in_words(str(hours % 12 + 1))}"


def _decimal(whole: str, places: str | None) -> Iterator[str]:
    if places is None:
        yield from _whole(whole)
        return
    fronts = list(_whole(whole, with_years=False)) if whole else ["", "zero"]
    for front in fronts:
        yield f"{front} point {_digit_by_digit(places)}"
    if len(places) == 2 and places[0] != "0":
        yield f"{fronts[0]} point {_in_words(places)}"
        yield f"{fronts[0]} {_in_words(places)}"
    yield f"{fronts[0]} point {_digit_by_digit(places, zero='oh')}"


def _whole(digits: str, with_years: bool = True) -> Iterator[str]:
    plain = digits.replace(",", "")
    if len(plain) > 1 and plain[0] == "0" or len(plain) > 12:
        yield _digit_by_digit(plain)
        yield _digit_by_digit(plain, zero="oh")
        return
    pairs = int(plain[:2]), int(plain[2:] or 0)
    if with_years and "," not in digits and len(plain) == 4 and plain[1:3] != "00":
        low = f"oh {_in_words(str(pairs[1]))}" if 0 < pairs[1] < 10 else _in_words(plain[2:])
        yield f"{_in_words(plain[:2])} {low if pairs[1] else 'hundred'}"
    for text in _with_and(_in_words(plain)):
        yield text
        if text.startswith("one hundred"):
            yield f"a{text[3:]}"
    if len(plain) == 4 and plain[1] != "0" and plain[2:] == "00":
        yield f"{_in_words(plain[:2])} hundred"
    if len(plain) == 3 and plain[1] != "0" and with_years:
        yield f"{_DIGITS[int(plain[0])]} {_in_words(plain[1:])}"
    if len(plain) > 2 and with_years:
        yield _digit_by_digit(plain)
        yield _digit_by_digit(plain, zero="oh")


def _with_and(text: str) -> Iterator[str]:
    yield text
    yield text.replace(" and ", " ")


def _fraction(above: int, below: int) -> Iterator[str]:
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    if above and below > 1:
        one, many = names.get(below) or (_in_words(str(below), "ordinal"), f"{_in_words(str(below), 'ordinal')}s")
        yield f"{_in_words(str(above))} {one if above == 1 else many}"
        if above == 1:
            yield f"a {one}"
    yield f"{_in_words(str(above))} {_in_words(str(below))}"
    yield f"{_in_words(str(above))} over {_in_words(str(below))}"


def _plural(text: str) -> str:
    return f"{text[:-1]}ies" if text.endswith("y") else f"{text}{'es' if text.endswith('x') else 's'}"


def _digit_by_digit(digits: str, zero: str = "zero") -> str:
    return " ".join(zero if digit == "0" else _DIGITS[int(digit)] for digit in digits)


@lru_cache(maxsize=4096)
def _in_words(digits: str, form: str = "cardinal") -> str:
    return spell_number(int(digits.replace(",", "")), "en", form)


def spell_number(number: float, language: str, form: str = "cardinal") -> str:
    """A number in words, by num2words, without hyphens and commas; empty if it does not know the language.

    Of a region that it knows, the number is as said there: 70 is "septante" in "fr-ch".

    Raises
    ------
    MtserError
        If num2words is not installed.
    """
    try:
        from num2words import CONVERTER_CLASSES, num2words
    except ImportError as error:
        raise MtserError(
            "Numbers are spoken out by num2words, which is not installed: pip install mtser[speech]."
        ) from error
    main, region = main_language(language), language.partition("-")[2].upper()
    known = next((name for name in (f"{main}_{region}", main) if name in CONVERTER_CLASSES), None)
    if known is None:
        return ""
    try:
        return str(num2words(number, lang=known, to=form)).replace("-", " ").replace(",", "").lower()
    except (NotImplementedError, OverflowError):
        return ""
