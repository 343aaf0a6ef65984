"""Dictionaries of pronunciations, and asking several pronouncers."""

import importlib
import sys
from pathlib import Path

import pytest

from mtser.errors import ConfigError, MtserError
from mtser.pronunciation import DictionaryPronouncer, FirstThatKnows, letters

TEXT = """;;; a remark
# another
HELLO  HH AH0 L OW1
hello(2) HH EH0 L OW1
don't D OW1 N T

!exclamation-point EH K S
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "own.dict"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_first_pronunciations_without_stress_in_any_case(file: Path) -> None:
    dictionary = DictionaryPronouncer(str(file))
    expected = [("HH", "AH", "L", "OW"), ("D", "OW", "N", "T"), (), ("EH", "K", "S")]
    assert dictionary.phones(["Hello", "DON'T", "and", "!exclamation-point"]) == expected
    assert dictionary.name == "own.dict"


def test_regions_of_a_language_make_no_difference(file: Path) -> None:
    for own, code in (("en", "en-GB"), ("en-US", "en"), ("en", "EN"), ("en-us", "eng")):
        assert DictionaryPronouncer(str(file), own).phones(["hello"], code) == [("HH", "AH", "L", "OW")]
    assert DictionaryPronouncer(str(file)).phones(["hello"], "de") == [()]


def test_comments_byte_order_marks_and_old_encodings(tmp_path: Path) -> None:
    path = tmp_path / "cmu.dict"
    path.write_bytes("\ufeffaalborg AO1 L B AO0 R G # place, danish\nno N OW1\n".encode())
    assert DictionaryPronouncer(str(path)).phones(["aalborg", "no"]) == [("AO", "L", "B", "AO", "R", "G"), ("N", "OW")]
    path.write_bytes("d\xe9j\xe0 D EY ZH AA\n".encode("latin-1"))
    assert DictionaryPronouncer(str(path)).phones(["déjà"]) == [("D", "EY", "ZH", "AA")]


def test_words_of_another_language_are_unknown(file: Path) -> None:
    assert DictionaryPronouncer(str(file)).phones(["hello"], "de") == [()]
    assert DictionaryPronouncer(str(file), language="de").phones(["hello"], "de") == [("HH", "AH", "L", "OW")]


def test_settings_tell_dictionaries_apart(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.dict"
    other.write_text(TEXT + "no N OW\n", encoding="utf-8")
    one, two = (DictionaryPronouncer(str(path)).settings() for path in (file, other))
    assert one != two and one == DictionaryPronouncer(str(file)).settings()
    assert one != DictionaryPronouncer(str(file), language="de").settings()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"hello HH AH\n<html>\n", "own.dict:2: '<html>' is no word with its phones"),
    ],
)
def test_what_is_no_dictionary(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "own.dict"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        DictionaryPronouncer(str(path)).phones(["hello"])


def test_the_dictionary_of_pocketsphinx_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pocketsphinx" / "model" / "en-us"
    folder.mkdir(parents=True)
    (tmp_path / "pocketsphinx" / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "cmudict-en-us.dict").write_text("oh OW\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    dictionary = DictionaryPronouncer()
    assert dictionary.phones(["oh"]) == [("OW",)] and dictionary.name == "the CMU dictionary"


def test_without_pocketsphinx_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(MtserError, match="pip install pocketsphinx, or name another dictionary as file"):
        DictionaryPronouncer().phones(["oh"])


def test_the_next_is_asked_for_what_is_left(file: Path, tmp_path: Path) -> None:
    asked = []

    class Second(DictionaryPronouncer):
        def phones(self, words, language="en"):  # type: ignore[no-untyped-def]
            asked.append((list(words), language))
            return [("X",) if word == "and" else () for word in words]

    both = FirstThatKnows([DictionaryPronouncer(str(file)), Second(str(file))])
    assert both.phones(["and", "hello", "zzz"]) == [("X",), ("HH", "AH", "L", "OW"), ()]
    assert asked == [(["and", "zzz"], "en")] and both.name == "own.dict or own.dict"
    assert [one["class"] for one in both.settings()["pronouncers"]] == ["DictionaryPronouncer", "Second"]


def test_letters() -> None:
    assert letters("Don't") == ("d", "o", "n", "t") and letters("??") == ("??",)
