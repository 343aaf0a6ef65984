"""Pronunciation by espeak-ng: any word, and numbers, of some hundred languages.

espeak-ng's library (GPL-3) comes with the optional package espeakng-loader and is called through ctypes.
"""

import ctypes
import re
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from types import ModuleType
from typing import Any

from mtser.errors import MtserError
from mtser.languages import main_language
from mtser.pronunciation.arpabet import to_arpabet
from mtser.pronunciation.pronouncer import Phones, Pronouncer

# Constants of speak_lib.h
_SYNCHRONOUS, _PHONEME_EVENTS, _CHARS_UTF8, _IPA = 2, 1, 1, 2
_SEPARATOR = "/"  # which is in no phoneme's name

_OTHER_LANGUAGE = re.compile(r"\([a-z-]+\)")  # "(en)" before a word that espeak-ng takes for English
_ONE_AT_A_TIME = threading.Lock()  # the library's state is global, and ctypes gives up Python's lock
_VOICES = {"zh": "cmn", "no": "nb", "nn": "nb"}  # what espeak-ng calls a language otherwise
_STRESS = str.maketrans("", "", "ˈˌ")


class EspeakPronouncer(Pronouncer):
    """What espeak-ng would say: its dictionary and its rules.

    English is American, in ARPAbet (see :mod:`mtser.pronunciation.arpabet`); other languages are in IPA, with marks of
    length and without stress. Needs ``pip install mtser[phones]``.

    Notes
    -----
    Against the first pronunciation of the CMU dictionary, 10 in 100 phones are wrong over all its words (names are
    many), and 4 in 100 over running text; most of them are unstressed vowels.

    Example
    -------
    >>> EspeakPronouncer().phones(["Hello", "19th", "--"])
    [('HH', 'AH', 'L', 'OW'), ('N', 'AY', 'N', 'T', 'IY', 'N', 'TH'), ()]
    >>> EspeakPronouncer().phones(["Stück"], "de")
    [('ʃ', 't', 'ʏ', 'k')]
    """

    @property
    def name(self) -> str:
        """Of the program."""
        return "espeak-ng"

    def phones(self, words: Sequence[str], language: str = "en") -> list[Phones]:
        """Pronounce words; those of a region ("pt-br") as there if espeak-ng has a voice of it.

        Raises
        ------
        MtserError
            If espeakng-loader is not installed or the library does not start.
        """
        main = main_language(language)
        voices = ("en-us",) if main == "en" else (language.lower(), main, _VOICES.get(main, main))
        with _ONE_AT_A_TIME:
            library = _library()
            if not any(library.espeak_SetVoiceByName(voice.encode()) == 0 for voice in voices):
                return [()] * len(words)
            return [() if _is_foreign(word, main) else self._pronounced(library, word, main) for word in words]

    def settings(self) -> dict[str, Any]:
        """The version of espeak-ng."""
        return {"class": type(self).__name__, "version": 1, "espeak_ng": espeak_version()}

    @staticmethod
    def _pronounced(library: ctypes.CDLL, word: str, language: str) -> Phones:
        # Capitals would be spelled ("US"), and "[[" starts phonemes.
        text = re.sub(r"[\[\]\0]", " ", word.lower())
        mode = (0 if language == "en" else _IPA) | ord(_SEPARATOR) << 8
        rest, clauses = ctypes.c_char_p(text.encode(errors="replace")), []
        while rest.value is not None:
            clauses.append(library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARS_UTF8, mode).decode())
        names = re.split(rf"[{_SEPARATOR}\s]+", _OTHER_LANGUAGE.sub("", " ".join(clauses)))
        if language == "en":
            return to_arpabet(names) or ()
        return tuple(phone for name in names if (phone := name.translate(_STRESS).strip("_")))


def _is_foreign(word: str, language: str) -> bool:
    """Whether an English word has letters of another script, which espeak-ng would call by their names."""
    letters = (one for one in word if one.isalpha())
    return language == "en" and any(not unicodedata.name(one, "").startswith("LATIN") for one in letters)


@cache
def _library() -> ctypes.CDLL:
    """The library, started once in a process: a copy of its own.

    The library's state is global, and what was pronounced disturbs the events of what is spoken next. Loaded from
    another file it is another library, so that one who speaks in this process (the mini corpus) is not disturbed.
    """
    loader = load_espeakng_loader("Words are pronounced by espeak-ng", "phones")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # Windows keeps what is loaded
        library = ctypes.CDLL(shutil.copy(loader.get_library_path(), folder))
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    if library.espeak_Initialize(_SYNCHRONOUS, 0, loader.get_data_path().encode(), _PHONEME_EVENTS) <= 0:
        raise MtserError(f"{loader.get_data_path()}: espeak-ng cannot start; install espeakng-loader again.")
    return library


def espeak_version() -> str:
    """The library's own version, as in "1.52.0".

    Raises
    ------
    MtserError
        If espeakng-loader is not installed.
    """
    library = ctypes.CDLL(load_espeakng_loader("Words are pronounced by espeak-ng", "phones").get_library_path())
    library.espeak_Info.restype = ctypes.c_char_p
    return str(library.espeak_Info(None).decode())


def load_espeakng_loader(purpose: str, extra: str) -> ModuleType:
    """The module espeakng_loader, which an extra of mtser installs.

    Parameters
    ----------
    purpose, extra
        What espeak-ng does and which extra brings it, for the error.

    Raises
    ------
    MtserError
        If it is not installed.
    """
    try:
        import espeakng_loader
    except ImportError as error:
        raise MtserError(f"{purpose}, which is not installed: pip install mtser[{extra}].") from error
    return espeakng_loader
