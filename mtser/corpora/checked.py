"""Hold what a reader returned against what a reader promises, before anything is made of it.

A reader's mistakes (a field of another type, votes that are no shares) are errors that name the utterance and the
field. Data that cannot be right (word times outside the audio, a label that is no class) cost the utterance alone: it
is listed as skipped with its reason.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from mtser.alignment.word import Word
from mtser.alignment.word_times import END_TOLERANCE
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.usable import require_usable
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError

_TEXTS = ("wav", "speaker", "emotion", "text", "language")
_TEXTS_OR_NONE = ("session", "dialog", "style", "partition", "corpus")
_VOTES_TOLERANCE = 0.01
"""By how much votes may miss a sum of 1: shares of three annotators, written with two decimals, sum to 0.99."""
_FAR = 100
"""A word that ends after so many times the audio's length is given in milliseconds rather than misplaced."""


def check_corpus(corpus: Any, reader: str) -> Corpus:
    """Check a corpus as its reader returned it.

    Parameters
    ----------
    corpus
        What the reader returned.
    reader
        Its name, for the messages.

    Returns
    -------
    Corpus
        Without the utterances whose data cannot be used; they are among the skipped ones.

    Raises
    ------
    CorpusError
        If it is no corpus, a field is of another type, votes are no shares of the classes, or no utterance is left.

    Example
    -------
    >>> late = Utterance("u1", "u1.wav", 1.0, "A", "sad", "Oh.", (Word("oh", 100.0, 900.0),))
    >>> good = Utterance("u2", "u2.wav", 1.0, "A", "sad", "Oh.", (Word("oh", 0.1, 0.9),))
    >>> checked = check_corpus(Corpus("toy", Path("/toy"), ("sad", "happy"), (late, good)), "read_toy")
    >>> [one.id for one in checked.utterances], checked.skipped[0].detail
    (['u2'], 'its words end at 900.000 s, its audio lasts 1.000 s: are its times milliseconds?')
    """
    if not isinstance(corpus, Corpus):
        raise CorpusError(f"{reader} returned {_kind(corpus)}; a Corpus was expected.")
    corpus = _with_checked_fields(corpus, reader)
    skipped = []
    for one in corpus.utterances:
        _check_types(one, reader)
        if problem := _label_problem(one, corpus.classes, reader) or _time_problem(one, reader):
            skipped.append(Skipped(one.id, *problem))
    for one in corpus.context:
        _check_types(one, reader)
        if problem := _time_problem(one, reader):
            skipped.append(Skipped(one.id, *problem))
    if not skipped:
        return corpus
    return require_usable(corpus.without(skipped), f"utterances as {reader} promises them (docs/adding_a_corpus.md)")


def _with_checked_fields(corpus: Corpus, reader: str) -> Corpus:
    """The corpus with its classes and warnings as tuples."""
    if not isinstance(corpus.root, Path):
        _refuse(reader, "root of its corpus", corpus.root, "a Path")
    for field, what in (("classes", "the classes in their order"), ("warnings", "sentences")):
        # A set has no order that lasts, and of a text the letters would be taken.
        if not isinstance(values := getattr(corpus, field), tuple | list):
            _refuse(reader, f"{field} of its corpus", values, f"a tuple of texts ({what})")
        for one in values:
            if not isinstance(one, str):
                _refuse(reader, f"{field} of its corpus", one, f"a tuple of texts ({what})", holds=True)
    if not corpus.classes or len(set(corpus.classes)) < len(corpus.classes):
        what = "name a class twice" if corpus.classes else "are none"
        raise CorpusError(f"{reader}: classes of its corpus {what} ({', '.join(corpus.classes)}).")
    if isinstance(corpus.classes, list) or isinstance(corpus.warnings, list):
        return replace(corpus, classes=tuple(corpus.classes), warnings=tuple(corpus.warnings))
    return corpus


def _check_types(one: Utterance, reader: str) -> None:
    """Those of an utterance; of its words, while their times are checked."""
    for field in _TEXTS:
        if not isinstance(value := getattr(one, field), str):
            _refuse(reader, f"{field} of {one.id}", value, "a text")
    for field in _TEXTS_OR_NONE:
        if (value := getattr(one, field)) is not None and not isinstance(value, str):
            _refuse(reader, f"{field} of {one.id}", value, "a text or None")
    if not _is_number(one.duration):
        _refuse(reader, f"duration of {one.id}", one.duration, "a float in seconds")
    if one.start is not None and not _is_number(one.start):
        _refuse(reader, f"start of {one.id}", one.start, "a float in seconds or None")
    if (vad := one.vad) is not None and not (
        isinstance(vad, tuple | list) and len(vad) == 3 and all(each is None or _is_number(each) for each in vad)
    ):
        _refuse(reader, f"vad of {one.id}", vad, "a tuple of valence, activation and dominance, each a float or None")
    if not isinstance(one.words, tuple | list):
        _refuse(reader, f"words of {one.id}", one.words, "a tuple of Word")


def _label_problem(one: Utterance, classes: tuple[str, ...], reader: str) -> tuple[str, str] | None:
    """What is wrong with its label; votes that are no shares are a mistake of the reader, which makes them."""
    if one.votes:
        if not isinstance(one.votes, Mapping) or not all(_is_number(share) for share in one.votes.values()):
            _refuse(reader, f"votes of {one.id}", one.votes, "the share of each class, as floats")
        if unknown := [name for name in one.votes if name not in classes]:
            raise CorpusError(
                f"{reader}: votes of {one.id} name {unknown[0]!r}, which is none of its classes "
                f"({', '.join(classes)}); votes for other emotions are left out before the shares are taken."
            )
        total = sum(one.votes.values())
        if not abs(total - 1) <= _VOTES_TOLERANCE or min(one.votes.values()) < 0:
            raise CorpusError(
                f"{reader}: votes of {one.id} are {dict(one.votes)}, which sum to {total:.3f}; the share of each class "
                "was expected, none below 0, together 1 (a count divided by the number of votes)."
            )
    elif one.votes is not None and not isinstance(one.votes, Mapping):
        _refuse(reader, f"votes of {one.id}", one.votes, "the share of each class, or None")
    if not one.wav or not one.speaker:
        return f"no {'speaker' if one.wav else 'audio file'}", ""
    return None if one.emotion in classes else ("its emotion is none of the classes", one.emotion)


def _time_problem(one: Utterance, reader: str) -> tuple[str, str] | None:
    """What is wrong with its length and its words' times: a reason and what was found."""
    duration = one.duration
    if not 0 < duration < math.inf:
        return "audio without a length", f"duration is {duration}"
    if not one.words:
        return "no words in the alignment", ""
    limit, before = duration + END_TOLERANCE, -math.inf
    for word in one.words:
        # Every word of the corpus comes by here: so little is done while nothing is wrong.
        if not isinstance(word, Word):
            _refuse(reader, f"words of {one.id}", word, "a Word", holds=True)
        start, end = word.start, word.end
        if type(start) is not float or type(end) is not float or type(word.word) is not str:
            _check_word(word, one.id, reader)
        if before <= start < end and 0 <= start < duration and end <= limit:
            before = start
            continue
        if not math.isfinite(start + end):
            return "word times are no numbers", f"{word.word} at {start}-{end} s"
        if end > limit:
            found = f"its words end at {one.words[-1].end:.3f} s, its audio lasts {duration:.3f} s"
            advice = ": are its times milliseconds?" if one.words[-1].end > _FAR * duration else ""
            return "alignment outside the audio", found + advice
        found = f"{word.word} at {start:.3f}-{end:.3f} s"
        if start < 0 or start >= duration:
            return "alignment outside the audio", f"{found} of {duration:.3f} s"
        return "alignment rows run backwards", found if start >= end else f"{found} after a word at {before:.3f} s"
    return None


def _check_word(word: Word, id: str, reader: str) -> None:
    if not isinstance(word.word, str):
        _refuse(reader, f"a word of {id}", word.word, "a text")
    for field in ("start", "end"):
        if not _is_number(value := getattr(word, field)):
            _refuse(reader, f"{field} of the word {word.word!r} of {id}", value, "a float in seconds")


def _is_number(value: Any) -> bool:
    """Whether it is one that JSON can hold, for the manifest: no ``numpy.float32``, and no ``True``."""
    return isinstance(value, float | int) and not isinstance(value, bool)


def _refuse(reader: str, where: str, found: Any, expected: str, *, holds: bool = False) -> NoReturn:
    verb = "hold" if holds else "is"
    raise CorpusError(f"{reader}: {where} {verb} {_kind(found)}; {expected} was expected.")


def _kind(value: Any) -> str:
    """What something is, for a message, shortly."""
    if value is None:
        return "None"
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:60] + '...'} ({type(value).__name__})"
