"""Rules of spelling, nearest English phones, and what is asked in which order."""

import importlib.util
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.pronunciation import DictionaryPronouncer, SpellingPronouncer, english_pronouncer
from mtser.pronunciation.ipa import _NEAREST, nearest_arpabet

CONSONANTS = {
    *[
        "B",
        "CH",
        "D",
        "DH",
        "F",
        "G",
        "HH",
        "JH",
        "K",
        "L",
        "M",
        "N",
        "NG",
        "P",
        "R",
        "S",
        "SH",
        "T",
        "TH",
        "V",
        "W",
        "Y",
        "Z",
        "ZH",
    ]
}
VOWELS = {*["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]}
ARPABET = CONSONANTS | VOWELS


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("knight", "N AY T"),
        ("phone", "F OW N"),
        ("hate", "HH EY T"),
        ("station", "S T EY SH AH N"),
        ("me", "M IY"),
        ("my", "M AY"),
        ("cats", "K AE T S"),
        ("wanted", "W AA N T IH D"),
        ("FBX", "EH F B IY EH K S"),
        ("--", ""),
    ],
)
def test_words_are_read_by_rules(word: str, phones: str) -> None:
    assert SpellingPronouncer().phones([word]) == [tuple(phones.split())]


def test_rules_stay_near_the_dictionary() -> None:
    """As the class says; a rule that shadows others would be seen here."""
    pytest.importorskip("pocketsphinx")
    entries = DictionaryPronouncer()._entries[0]
    words = random.Random(0).sample(sorted(word for word in entries if word.isalpha()), 2000)
    wrong = sum(
        edits(said, entries[word]) for word, said in zip(words, SpellingPronouncer().phones(words), strict=True)
    )
    assert wrong / sum(len(entries[word]) for word in words) < 0.21


def edits(found: tuple[str, ...], truth: tuple[str, ...]) -> int:
    above = list(range(len(truth) + 1))
    for row, one in enumerate(found, start=1):
        current = [row]
        for column, other in enumerate(truth, start=1):
            current.append(min(above[column] + 1, current[-1] + 1, above[column - 1] + (one != other)))
        above = current
    return above[-1]


@given(st.text(max_size=20))
def test_any_word_has_phones_of_english(word: str) -> None:
    for phones in (SpellingPronouncer().phones([word])[0], nearest_arpabet(word)):
        assert set(phones) <= ARPABET
    if any("a" <= letter <= "z" for letter in word.lower()):
        assert SpellingPronouncer().phones([word])[0]


def test_other_languages_are_not_read_by_english_rules() -> None:
    assert SpellingPronouncer().phones(["Haus"], "de") == [()]


def test_nearest_phones_are_of_english() -> None:
    assert {phone for phones in _NEAREST.values() for phone in phones.split()} <= ARPABET
    assert nearest_arpabet(["y", "ː"]) == ("IY",)
    assert nearest_arpabet(["ç", "œ", "ɛ̃"]) == ("HH", "ER", "EH")


def test_without_packages_rules_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert english_pronouncer().phones(["hate"]) == [("HH", "EY", "T")]


def test_rules_of_spelling_are_for_english_of_any_country() -> None:
    rules = SpellingPronouncer()
    assert rules.phones(["chatting"], "en-GB") == rules.phones(["chatting"], "eng") == rules.phones(["chatting"])
    assert rules.phones(["chatting"], "de") == [()]
