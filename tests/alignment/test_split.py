"""Texts into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.split import split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Well, I... don't know!", ["Well", "I", "don't", "know"]),
        ("“Don’t,” she said — no–not yet--ever.", ["Don't", "she", "said", "no", "not", "yet", "ever"]),
        (
            "It cost $3.50 (or 20%) at 12:30 on the 5th.",
            ["It", "cost", "$3.50", "or", "20%", "at", "12:30", "on", "the", "5th"],
        ),
        ("e.g. the U.S. at 5 p.m.", ["e.g.", "the", "U.S.", "at", "5", "p.m."]),
        ("rock 'n' roll, goin' 'cause of 'em", ["rock", "'n'", "roll", "goin'", "'cause", "of", "'em"]),
        ("the dogs' well-known and/or 24/7", ["the", "dogs", "well-known", "and/or", "24/7"]),
        ("[LAUGHTER] yes <noise> ++BREATHING++ no", ["yes", "no"]),
        ("Yes,no;maybe", ["Yes", "no", "maybe"]),
        ("1,000,000 -5 C++ #1 &", ["1,000,000", "-5", "C++", "#1", "&"]),
        ("„Grüße“ aus Köln, ça va?", ["Grüße", "aus", "Köln", "ça", "va"]),
        ("...", []),
        (" \n\t", []),
        ("?! -- ' \"", []),
    ],
)
def test_words_of_texts(text: str, words: list[str]) -> None:
    assert list(split_words(text)) == words


def test_chinese_is_split_into_characters() -> None:
    for code in ("zh", "zh-CN", "ZH-Hans", "zho"):
        assert split_words("你好,世界", code) == ("你", "好", "世", "界")


@given(st.text(max_size=60))
def test_no_word_is_empty_or_holds_a_blank(text: str) -> None:
    for word in split_words(text):
        assert word and not any(character.isspace() for character in word)
        assert any(character.isalnum() or character in "%&@" for character in word)


@given(st.lists(st.sampled_from(["yes", "don't", "well-known", "$20", "12:30", "U.S.", "5th", "Dr"]), max_size=8))
def test_what_was_split_is_split_the_same_way_again(words: list[str]) -> None:
    assert list(split_words(" ".join(words))) == words
