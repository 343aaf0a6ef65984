"""Codes of languages, however they are written."""

import pytest

from mtser.checks import check_language, is_language
from mtser.errors import ConfigError
from mtser.languages import main_language, normal_language


@pytest.mark.parametrize(
    ("code", "normal", "main"),
    [
        ("en", "en", "en"),
        ("EN", "en", "en"),
        ("en-US", "en", "en"),
        ("en-gb", "en", "en"),
        ("eng", "en", "en"),
        ("deu", "de", "de"),
        ("ger", "de", "de"),
        ("DE-at", "de-at", "de"),
        ("pt-BR", "pt-br", "pt"),
        ("por-BR", "pt-br", "pt"),
        ("zh-Hans-CN", "zh-hans-cn", "zh"),
        ("yue", "yue", "yue"),
        ("ARZ", "arz", "arz"),
        ("cmn", "zh", "zh"),
        ("gsw", "gsw", "gsw"),
        ("iw", "he", "he"),
    ],
)
def test_every_language_has_one_writing(code: str, normal: str, main: str) -> None:
    assert check_language(code) == normal_language(code) == normal and is_language(code)
    assert main_language(code) == main_language(normal) == main
    assert check_language(normal) == normal


@pytest.mark.parametrize(
    "code", ["xx", "zxx", "english", "e", "", "en_US", "en-", "en--us", " en", "../x", "mul", "und"]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    assert not is_language(code)
    with pytest.raises(ConfigError, match=r"^language '.*' is no ISO 639-1 code, such as en or de\.$"):
        check_language(code)
