"""The phones of a corpus's words: its own, else those of a pronunciation, else the words' letters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from mtser.corpora.utterance import Utterance
from mtser.pronunciation import EspeakPronouncer, Pronouncer, letters
from mtser.pronunciation.pronouncer import Phones

_SHOWN = 5


class Pronunciations:
    """Which phones the words of utterances have.

    Parameters
    ----------
    pronouncer
        For words that have no phones in the corpus; None for espeak-ng if it is installed (``pip install
        mtser[phones]``), else nobody.

    Attributes
    ----------
    notes
        What the reader of a report has to know of the words that :meth:`of` was given last.

    Example
    -------
    >>> from mtser.alignment.word import Phone, Word
    >>> from mtser.pronunciation import DictionaryPronouncer
    >>> words = (Word("OH", 0, 0.5, (Phone("OW", 0, 0.5),)), Word("++LAUGHTER++", 0.5, 1))
    >>> Pronunciations().of([Utterance("u", "u.wav", 1.0, "1F", "sad", "Oh", words)])
    [('OW',), ('++LAUGHTER++',)]
    """

    def __init__(self, pronouncer: Pronouncer | None = None) -> None:
        self._given = pronouncer
        self._known: dict[tuple[str, str], Phones] = {}  # (word, language) → phones, none if nobody knows it
        self.notes: tuple[str, ...] = ()

    @cached_property
    def pronouncer(self) -> Pronouncer | None:
        """Who pronounces words, if anybody does."""
        if self._given is None and find_spec("espeakng_loader") is not None:
            return EspeakPronouncer()
        return self._given

    def settings(self) -> dict[str, Any] | None:
        """Those of the pronouncer."""
        return self.pronouncer.settings() if self.pronouncer is not None else None

    def of(self, utterances: Sequence[Utterance]) -> list[Phones]:
        """The phones of every word of some utterances, at least one each.

        A tag such as ``++LAUGHTER++`` is one phone. What nobody can pronounce has its letters for phones.
        """
        unspoken = Counter(
            (word.word, one.language)
            for one in utterances
            for word in one.words
            if not word.phones and not _is_tag(word.word)
        )
        self._pronounce(unspoken.keys() - self._known.keys())
        self.notes = self._told(unspoken, sum(len(one.words) for one in utterances))
        return [
            tuple(phone.phone for phone in word.phones) or self._without_times(word.word, one.language)
            for one in utterances
            for word in one.words
        ]

    def _without_times(self, word: str, language: str) -> Phones:
        return (word,) if _is_tag(word) else self._known[word, language] or letters(word)

    def _pronounce(self, words: Iterable[tuple[str, str]]) -> None:
        by_language: dict[str, list[str]] = {}
        for word, language in sorted(words):
            by_language.setdefault(language, []).append(word)
        for language, group in by_language.items():
            found = self.pronouncer.phones(group, language) if self.pronouncer else [()] * len(group)
            self._known.update({(word, language): phones for word, phones in zip(group, found, strict=True)})

    def _told(self, unspoken: Counter[tuple[str, str]], n_words: int) -> tuple[str, ...]:
        if not unspoken:
            return ()
        spelled: Counter[str] = Counter()
        for (word, language), count in unspoken.items():
            if not self._known[word, language]:
                spelled[word.lower()] += count
        notes = []
        if pronounced := unspoken.total() - spelled.total():
            assert self.pronouncer is not None
            notes.append(
                f"The phones of {pronounced} of {n_words} words are {self.pronouncer.name}'s, not the corpus's."
            )
        if spelled:
            frequent = sorted(spelled, key=lambda word: (-spelled[word], word))
            shown = ", ".join(frequent[:_SHOWN]) + ", ..." * (len(frequent) > _SHOWN)
            why = "" if self.pronouncer else "; espeak-ng can: pip install mtser[phones]"
            notes.append(
                f"{spelled.total()} of {n_words} words have their letters for phones, as nobody here can pronounce "
                f"them ({shown}){why}."
            )
        return tuple(notes)


def _is_tag(word: str) -> bool:
    return word.startswith("++") and word.endswith("++")
