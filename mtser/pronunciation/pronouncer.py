"""What tells how words are pronounced."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

Phones = tuple[str, ...]
"""The phones of a word, as in ``("HH", "AH", "L", "OW")``."""


class Pronouncer(ABC):
    """Spelled words → phones.

    English has the 39 phones of the CMU dictionary (ARPAbet without stress), which Sphinx's aligner uses, too; other
    languages have IPA.

    Example
    -------
    >>> class Crow(Pronouncer):
    ...     def phones(self, words, language="en"):
    ...         return [("K", "R", "AA") if word == "crah" else () for word in words]
    ...
    ...     def settings(self):
    ...         return {"class": "Crow", "version": 1}
    >>> Crow().phones(["crah", "tweet"])
    [('K', 'R', 'AA'), ()]
    """

    @property
    def name(self) -> str:
        """For reports."""
        return type(self).__name__

    @abstractmethod
    def phones(self, words: Sequence[str], language: str = "en") -> list[Phones]:
        """Pronounce words.

        Parameters
        ----------
        words
            As a corpus spells them, in any case.
        language
            Of all of them: an ISO 639-1 code.

        Returns
        -------
        list of tuple of str
            The phones of each word; an empty tuple for a word that it cannot pronounce.
        """

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Everything that determines the phones, as JSON types: equal settings promise equal phones."""


class FirstThatKnows(Pronouncer):
    """Asks one pronouncer after the other; the first that knows a word pronounces it.

    Parameters
    ----------
    pronouncers
        In the order in which they are asked.

    Example
    -------
    >>> FirstThatKnows([DictionaryPronouncer(), EspeakPronouncer()]).settings()["class"]  # doctest: +SKIP
    'FirstThatKnows'
    """

    def __init__(self, pronouncers: Sequence[Pronouncer]) -> None:
        self.pronouncers = tuple(pronouncers)

    @property
    def name(self) -> str:
        """Those of all of them."""
        return " or ".join(one.name for one in self.pronouncers)

    def phones(self, words: Sequence[str], language: str = "en") -> list[Phones]:
        """Ask the next one for those words alone that nobody knew."""
        found: list[Phones] = [()] * len(words)
        for pronouncer in self.pronouncers:
            left = [index for index, phones in enumerate(found) if not phones]
            for index, phones in zip(left, pronouncer.phones([words[i] for i in left], language), strict=True):
                found[index] = phones
        return found

    def settings(self) -> dict[str, Any]:
        """Those of all of them."""
        return {"class": type(self).__name__, "pronouncers": [one.settings() for one in self.pronouncers]}


def letters(word: str) -> Phones:
    """The letters and digits of a word, for one that nobody can pronounce; the word itself if it has none.

    Example
    -------
    >>> letters("X-ray"), letters("--")
    (('x', 'r', 'a', 'y'), ('--',))
    """
    return tuple(letter for letter in word.lower() if letter.isalnum()) or (word,)
