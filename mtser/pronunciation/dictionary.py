"""Pronunciations from a dictionary in the format of the CMU Pronouncing Dictionary."""

import hashlib
import importlib.util
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from mtser.errors import ConfigError, MtserError
from mtser.languages import main_language
from mtser.pronunciation.pronouncer import Phones, Pronouncer
from mtser.text_files import decode_text, numbered_lines

_COMMENT = re.compile(r"\s#.*")
_VARIANT = re.compile(r"\(\d+\)$")
_IN_POCKETSPHINX = Path("model", "en-us", "cmudict-en-us.dict")


class DictionaryPronouncer(Pronouncer):
    r"""Words that a dictionary lists; its first pronunciation of each.

    Parameters
    ----------
    file
        A line a pronunciation: the word, a blank, its phones; ``word(2)`` is another pronunciation of word; lines that
        begin with ``;;;`` or ``#`` are remarks. Default: the CMU dictionary (134 thousand words, BSD) in the Python
        package pocketsphinx, if that is installed.
    language
        Of its words; it knows none of another language.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "own.dict"
    >>> _ = file.write_text("and AE1 N D\nand(2) AH N D\n")
    >>> DictionaryPronouncer(str(file)).phones(["And", "Und"])
    [('AE', 'N', 'D'), ()]
    """

    def __init__(self, file: str | None = None, language: str = "en") -> None:
        self.file = file
        self.language = language

    @property
    def name(self) -> str:
        """That of the file, if one was given."""
        return "the CMU dictionary" if self.file is None else Path(self.file).name

    def phones(self, words: Sequence[str], language: str = "en") -> list[Phones]:
        """Look words up.

        Raises
        ------
        ConfigError
            If the dictionary cannot be read or is none.
        MtserError
            If there is no file and pocketsphinx is not installed.
        """
        if main_language(language) != main_language(self.language):
            return [()] * len(words)
        entries = self._entries[0]
        return [entries.get(word.lower(), ()) for word in words]

    def settings(self) -> dict[str, Any]:
        """A hash of the dictionary, and its language."""
        return {"class": type(self).__name__, "version": 2, "language": self.language, "sha256": self._entries[1]}

    @cached_property
    def _entries(self) -> tuple[dict[str, Phones], str]:
        """Word → phones, and the file's hash."""
        path = Path(self.file) if self.file is not None else _dictionary_of_pocketsphinx()
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{path}: the dictionary cannot be read ({error}).") from error
        entries: dict[str, Phones] = {}
        for word, phones in _parsed(decode_text(data), path):
            entries.setdefault(word, phones)
        return entries, hashlib.sha256(data).hexdigest()


def without_variant(word: str) -> str:
    """A word of a dictionary or an alignment without the number of its pronunciation.

    Example
    -------
    >>> without_variant("READ(2)"), without_variant("READ")
    ('READ', 'READ')
    """
    return _VARIANT.sub("", word)


def _parsed(text: str, path: Path) -> Iterator[tuple[str, Phones]]:
    for number, line in numbered_lines(text):
        if line.startswith((";;;", "#")):
            continue
        fields = _COMMENT.sub("", line).split()
        if len(fields) == 1:
            raise ConfigError(f"{path}:{number}: {line!r} is no word with its phones; is this a dictionary?")
        yield without_variant(fields[0]).lower(), tuple(phone.rstrip("012") for phone in fields[1:])


def _dictionary_of_pocketsphinx() -> Path:
    """Found without importing the package, which starts sound devices."""
    spec = importlib.util.find_spec("pocketsphinx")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (file := Path(folder) / _IN_POCKETSPHINX).is_file():
            return file
    raise MtserError(
        "The CMU dictionary comes with pocketsphinx, which is not installed: pip install pocketsphinx, or name another "
        "dictionary as file."
    )
