"""How written words are said."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.split import split_words
from mtser.alignment.spoken import readings
from mtser.errors import MtserError

pytest.importorskip("num2words")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Dr", ["doctor", "drive"]),
        ("$20", ["twenty dollars"]),
        ("$1", ["one dollar"]),
        ("$3.50", ["three dollars fifty cents", "three dollars and fifty cents", "three fifty"]),
        ("£2.05", ["two pounds five pence"]),
        ("$5bn", ["five billion dollars"]),
        ("5th", ["fifth"]),
        ("21st", ["twenty first"]),
        ("1990s", ["nineteen nineties"]),
        ("90s", ["nineties"]),
        ("1990", ["nineteen ninety", "one thousand nine hundred ninety"]),
        ("2007", ["two thousand and seven", "two thousand seven"]),
        ("1905", ["nineteen oh five"]),
        ("105", ["one hundred and five", "one hundred five", "one oh five"]),
        ("12:30", ["twelve thirty", "half past twelve"]),
        ("7:00", ["seven o'clock", "seven"]),
        ("7:05pm", ["seven oh five p m"]),
        ("3.14", ["three point one four"]),
        ("-5", ["minus five", "negative five"]),
        ("1/2", ["one half", "a half"]),
        ("50%", ["fifty percent"]),
        ("20°C", ["twenty degrees celsius"]),
        ("10-15", ["ten to fifteen"]),
        ("007", ["zero zero seven", "oh oh seven"]),
        ("10k", ["ten thousand", "ten k"]),
        ("FBI", ["f b i"]),
        ("NASA", ["nasa", "n a s a"]),
        ("CDs", ["c d's"]),
        ("U.S.", ["u s"]),
        ("e.g.", ["e g", "for example"]),
        ("B2B", ["b two b"]),
        ("well-known", ["well known"]),
        ("3rd-party", ["third party"]),
        ("and/or", ["and or"]),
        ("example.com", ["example dot com"]),
        ("&", ["and"]),
        ("don't", ["don't"]),
        ("goin'", ["goin'"]),
        ("Hello", ["hello"]),
    ],
)
def test_readings_of_english_words(word: str, said: list[str]) -> None:
    found = [" ".join(reading) for reading in readings([word])[0]]
    assert found[0] == said[0]
    assert set(said) <= set(found)


def test_the_currency_is_said_behind_the_magnitude() -> None:
    found = readings(["$5", "million", "each"])
    assert [ways[0] for ways in found] == [("five",), ("million", "dollars"), ("each",)]


def test_a_text_in_capitals_has_no_acronyms() -> None:
    assert readings(["OH", "NO", "NOT", "HIM"]) == ((("oh",),), (("no",),), (("not",),), (("him",),))


def test_other_languages_have_numbers_and_signs() -> None:
    assert readings(["21", "10%", "1.000", "Über"], "de") == (
        (("einundzwanzig",),),
        (("zehn", "prozent"),),
        (("eintausend",),),
        (("über",),),
    )


@pytest.mark.parametrize("code", ["en-US", "en-GB", "EN", "eng"])
def test_english_is_english_in_every_country(code: str) -> None:
    words = ["Dr", "No", "paid", "$20", "in", "1990"]
    assert readings(words, code) == readings(words)


def test_numbers_are_said_as_in_the_region() -> None:
    assert readings(["70"], "fr-ch") == ((("septante",),),) != readings(["70"], "fr-ca")
    assert readings(["70", "10%"], "fr-CA") == readings(["70", "10%"], "fra") == readings(["70", "10%"], "fr")
    assert readings(["16"], "pt-BR") == ((("dezesseis",),),) != readings(["16"], "pt")
    assert readings(["7"], "fil") == ((("7",),),)  # num2words would say it in Finnish


@given(st.text(max_size=40), st.sampled_from(["en", "de", "xx"]))
def test_every_word_can_be_said(text: str, language: str) -> None:
    words = split_words(text, language)
    found = readings(words, language)
    assert len(found) == len(words)
    for ways in found:
        assert ways and all(reading and all(token and token == token.strip() for token in reading) for reading in ways)


@given(st.from_regex(r"[$£€]?-?[0-9][0-9,.:/%-]{0,8}(st|nd|th|s|k|pm)?", fullmatch=True))
def test_whatever_has_digits_can_be_said(word: str) -> None:
    for ways in readings(split_words(word)):
        assert ways and all(ways)


def test_without_num2words_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "num2words", None)
    with pytest.raises(MtserError, match=r"num2words, which is not installed: pip install mtser\[speech\]"):
        readings(["7341"])
