"""Which phones words have, and what the report says of them."""

import sys
from collections.abc import Sequence

import pytest

from mtser.alignment.word import Phone, Word
from mtser.corpora.utterance import Utterance
from mtser.features.pronunciations import Pronunciations
from mtser.pronunciation import EspeakPronouncer, Pronouncer


class Table(Pronouncer):
    """Knows some words of two languages, and notes what it was asked."""

    known = {("OH", "en"): ("OW",), ("NO", "en"): ("N", "OW"), ("NO", "de"): ("n", "oː")}

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def phones(self, words: Sequence[str], language: str = "en") -> list[tuple[str, ...]]:
        self.asked.append((language, *words))
        return [self.known.get((word, language), ()) for word in words]

    def settings(self) -> dict[str, str]:
        return {"class": "Table"}


def said(*words: Word | str, language: str = "en") -> Utterance:
    spoken = tuple(Word(one, i, i + 1) if isinstance(one, str) else one for i, one in enumerate(words))
    return Utterance("u", "u.wav", len(words), "1F", "sad", "", spoken, language=language)


TIMED = Word("NO", 0, 1, (Phone("N", 0, 0.2), Phone("AH", 0.2, 1)))


def test_the_corpus_comes_before_the_pronouncer() -> None:
    pronunciations = Pronunciations(table := Table())
    assert pronunciations.of([said(TIMED)]) == [("N", "AH")]
    assert not table.asked and pronunciations.notes == ()


def test_words_are_asked_once_and_by_language() -> None:
    pronunciations = Pronunciations(table := Table())
    utterances = [said("NO", "OH", "NO"), said("NO", language="de"), said(TIMED, "OH")]
    expected = [("N", "OW"), ("OW",), ("N", "OW"), ("n", "oː"), ("N", "AH"), ("OW",)]
    assert pronunciations.of(utterances) == pronunciations.of(utterances) == expected
    assert table.asked == [("de", "NO"), ("en", "NO", "OH")]
    assert pronunciations.notes == ("The phones of 5 of 6 words are Table's, not the corpus's.",)


def test_what_nobody_can_pronounce_has_its_letters_and_is_named_and_counted() -> None:
    pronunciations = Pronunciations(Table())
    found = pronunciations.of([said("QX'", "qx'", "ZZ", "OH", "--")])
    assert found == [("q", "x"), ("q", "x"), ("z", "z"), ("OW",), ("--",)]
    assert pronunciations.notes == (
        "The phones of 1 of 5 words are Table's, not the corpus's.",
        "4 of 5 words have their letters for phones, as nobody here can pronounce them (qx', --, zz).",
    )


def test_only_some_of_many_are_named() -> None:
    pronunciations = Pronunciations(Table())
    pronunciations.of([said(*(f"x{n}" for n in range(9)))])
    assert "9 of 9 words" in pronunciations.notes[0] and "(x0, x1, x2, x3, x4, ...)" in pronunciations.notes[0]


def test_a_tag_is_one_phone_that_nobody_pronounces() -> None:
    pronunciations = Pronunciations(table := Table())
    assert pronunciations.of([said("++LAUGHTER++")]) == [("++LAUGHTER++",)]
    assert not table.asked and pronunciations.notes == ()


def test_without_espeak_letters_and_the_way_to_phones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    pronunciations = Pronunciations()
    assert pronunciations.of([said("OH")]) == [("o", "h")] and pronunciations.settings() is None
    assert pronunciations.notes[0].endswith("(oh); espeak-ng can: pip install mtser[phones].")


def test_espeak_by_default() -> None:
    pytest.importorskip("espeakng_loader")
    pronunciations = Pronunciations()
    assert isinstance(pronunciations.pronouncer, EspeakPronouncer)
    assert pronunciations.of([said("no"), said("zu", language="de")]) == [("N", "OW"), ("ts", "uː")]
    assert pronunciations.notes == ("The phones of 2 of 2 words are espeak-ng's, not the corpus's.",)
