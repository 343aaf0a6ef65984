"""Pronunciation by espeak-ng."""

import sys

import pytest

from mtser.errors import MtserError
from mtser.pronunciation import EspeakPronouncer
from mtser.pronunciation import espeak as module
from mtser.pronunciation.arpabet import _ARPABET, to_arpabet
from mtser.pronunciation.espeak import espeak_version

CMU_VOWELS = {"AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"}
CMU_PHONES = CMU_VOWELS | {"B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH"}
CMU_PHONES |= {"T", "TH", "V", "W", "Y", "Z", "ZH"}


@pytest.fixture
def espeak() -> EspeakPronouncer:
    pytest.importorskip("espeakng_loader")
    return EspeakPronouncer()


# As the CMU dictionary has them.
@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("hello", "HH AH L OW"),
        ("DON'T", "D OW N T"),
        ("bury", "B EH R IY"),
        ("world", "W ER L D"),
        ("bottle", "B AA T AH L"),
        ("poor", "P UH R"),
        ("fear", "F IH R"),
        ("fire", "F AY ER"),
        ("hurry", "HH ER IY"),
        ("appreciate", "AH P R IY SH IY EY T"),
        ("abbreviate", "AH B R IY V IY EY T"),
        ("vision", "V IH ZH AH N"),
        ("thing", "TH IH NG"),
        ("boy", "B OY"),
        ("judge", "JH AH JH"),
        ("better", "B EH T ER"),
        ("course", "K AO R S"),
        ("car", "K AA R"),
        ("US", "AH S"),  # alignments are in capitals: no abbreviation
    ],
)
def test_english_words(espeak: EspeakPronouncer, word: str, phones: str) -> None:
    assert espeak.phones([word]) == [tuple(phones.split())]


def test_numbers_and_words_that_nobody_has_heard(espeak: EspeakPronouncer) -> None:
    numbers = espeak.phones(["17", "2nd", "blorfidge", "waaaaay", "[name]", "naïve", "u.s.", "A&B"])
    assert numbers[0] == tuple(["S", "EH", "V", "AH", "N", "T", "IY", "N"])
    assert all(numbers) and all(set(phones) <= CMU_PHONES for phones in numbers)


def test_what_has_no_sound_has_no_phones(espeak: EspeakPronouncer) -> None:
    assert espeak.phones(["", "--", "...", "—", "\0", "[["]) == [()] * 6


def test_german_words_in_ipa(espeak: EspeakPronouncer) -> None:
    assert espeak.phones(["Lappen", "Stück", "Tüten", "17"], "de") == [
        ("l", "a", "p", "ə", "n"),
        ("ʃ", "t", "ʏ", "k"),
        ("t", "yː", "t", "ə", "n"),
        ("z", "iː", "p", "ts", "eː", "n"),
    ]
    assert not any(
        mark in phone for word in espeak.phones(["iPhone", "Computer"], "de") for phone in word for mark in "()ˈ"
    )


def test_languages_do_not_disturb_each_other(espeak: EspeakPronouncer) -> None:
    before = espeak.phones(["Agnes", "in"])
    assert espeak.phones(["Agnes", "in"], "de") != before == espeak.phones(["Agnes", "in"])


def test_regions_count_where_it_has_a_voice(espeak: EspeakPronouncer) -> None:
    for code in ("en-US", "en-GB", "eng"):
        assert espeak.phones(["Hello", "мир"], code) == espeak.phones(["Hello", "мир"])
    assert espeak.phones(["noite"], "pt-BR") == espeak.phones(["noite"], "pt-br") != espeak.phones(["noite"], "pt")
    for code in ("de-AT", "deu"):
        assert espeak.phones(["Stück"], code) == espeak.phones(["Stück"], "de") != [()]


def test_a_language_that_it_has_not(espeak: EspeakPronouncer) -> None:
    assert espeak.phones(["a", "b"], "xx") == [(), ()]


def test_words_do_not_depend_on_each_other(espeak: EspeakPronouncer) -> None:
    words = ["the", "apple", "a", "of", "used", "to", "17", "--", "read", "lead"]
    together = espeak.phones(words)
    assert together == [espeak.phones([word])[0] for word in words] == espeak.phones(words[::-1])[::-1]


def test_the_mini_corpus_can_speak_in_the_same_process(espeak: EspeakPronouncer) -> None:
    from mtser.corpora.mini.espeak import Espeak

    voice = Espeak()
    before = voice.say("Hello there.", "en-us+f2", rate=175, pitch=50, pitch_range=50)
    expected = espeak.phones(["hello"])
    after = voice.say("Hello there.", "en-us+f2", rate=175, pitch=50, pitch_range=50)
    assert [word for word, _, _ in after.words] == ["Hello", "there"] and len(after.samples) > 0.9 * len(before.samples)
    assert espeak.phones(["hello"]) == expected


def test_settings_have_the_version(espeak: EspeakPronouncer) -> None:
    assert espeak.settings()["espeak_ng"] == espeak_version() and espeak_version().count(".") == 2
    assert espeak.name == "espeak-ng"


def test_without_espeakng_loader_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    module._library.cache_clear()
    with pytest.raises(MtserError, match=r"pip install mtser\[phones\]"):
        EspeakPronouncer().phones(["oh"])


def test_the_table_names_the_phones_of_the_dictionary_alone() -> None:
    assert {phone for phones in _ARPABET.values() for phone in phones.split()} == CMU_PHONES


@pytest.mark.parametrize(
    ("names", "phones"),
    [
        (["k", "'e@", "r"], ("K", "EH", "R")),  # one r
        (["eI", "k", "3", "r-", "I2", "dZ"], ("EY", "K", "ER", "IH", "JH")),
        (["I2", ";", "'E"], ("IY", "EH")),
        (["_:", "_!", "n", "_|", "_", ""], ("N",)),
        (["n", "W"], None),
        ([], ()),
    ],
)
def test_translation(names: list[str], phones: tuple[str, ...] | None) -> None:
    assert to_arpabet(names) == phones


def test_another_script_is_not_called_by_the_names_of_its_letters(espeak: EspeakPronouncer) -> None:
    assert [bool(phones) for phones in espeak.phones(["扉", "naïve", "дом", "don't"])] == [False, True, False, True]
    assert espeak.phones(["дом"], "ru")[0]
