"""Protocols: how a corpus is divided into folds. The same folds for every model and every training seed.

A protocol is a function from a corpus to :class:`~mtser.training.folds.Folds`. One's own is used by its dotted path
(``--protocol my_package.folds.by_room``) or, decorated with :func:`protocol`, by its name.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from mtser.configuration.dotted_path import function_at
from mtser.corpora.corpus import Corpus, by_speakers
from mtser.corpora.utterance import Utterance
from mtser.errors import ProtocolError, ProtocolNotApplicableError
from mtser.protocol_names import folder_of
from mtser.training.checked_folds import check_folds
from mtser.training.folds import Fold, Folds
from mtser.training.groups import groups_by, ids_of, leave_one_out
from mtser.training.scripts import scripts

Protocol = Callable[..., Folds]
_PROTOCOLS: dict[str, Protocol] = {}
SPLIT_SEED = 20210830  # of random folds; a constant, so that the folds do not move with the training seed


def protocol(name: str) -> Callable[[Protocol], Protocol]:
    """Register the decorated function under ``name``.

    Raises
    ------
    ProtocolError
        If another function has the name, or the name has a dot (which marks a dotted path).
    """

    def register(function: Protocol) -> Protocol:
        other = _PROTOCOLS.get(name)
        if "." in name or (other and _path(other) != _path(function)):
            raise ProtocolError(f"The protocol {_path(function)} cannot be called '{name}': taken, or has a dot.")
        _PROTOCOLS[name] = function
        return function

    return register


def make_folds(corpus: Corpus, protocol: str | None = None, **options: Any) -> Folds:
    """Divide a corpus.

    Parameters
    ----------
    protocol
        A registered name or the dotted path of a function; None is :func:`default_protocol`.
    options
        Of the protocol, for example ``split_seed`` of ``random_5fold``.

    Returns
    -------
    Folds
        Checked; the same for any order of the utterances.

    Raises
    ------
    ProtocolError
        If there is no such protocol (the nearest name is given) or the corpus cannot feed it (those it can are
        listed).

    Example
    -------
    >>> from pathlib import Path
    >>> from mtser.alignment.word import Word
    >>> from mtser.corpora.utterance import Utterance
    >>> def say(speaker, emotion):
    ...     return Utterance(f"{speaker}_{emotion}", "a.wav", 1.0, speaker, emotion, "oh", (Word("oh", 0, 1),))
    >>> corpus = Corpus("toy", Path(), ("sad", "angry"), [say(s, e) for s in "ABC" for e in ("sad", "angry")])
    >>> make_folds(corpus).folds[0]
    Fold(name='speaker_A', train=('C_angry', 'C_sad'), dev=('B_angry', 'B_sad'), test=('A_angry', 'A_sad'))
    """
    name = protocol or default_protocol(corpus)
    function = find_protocol(name)
    try:
        inspect.signature(function).bind(corpus, **options)
    except TypeError as error:
        raise ProtocolError(f"The protocol {name} does not take these options: {error}.") from error
    try:
        return _checked(name, function, corpus, options)
    except ProtocolError as error:
        able = protocols_for(corpus)
        advice = f"It can feed: {', '.join(able)}." if able else "It can feed no protocol."
        raise type(error)(f"The corpus {corpus.name} cannot feed {name}. {error} {advice}") from error


def default_protocol(corpus: Corpus) -> str:
    """The one that the corpus's reader names, else ``loso`` for a corpus with sessions, else ``lospo``.

    In the place of ``lospo``, ``speakers_5fold`` where speakers are very many (:data:`~.corpus.VERY_MANY`).
    """
    usual = "loso" if any(utterance.session is not None for utterance in corpus.utterances) else "lospo"
    chosen = corpus.default_protocol or usual
    return by_speakers(len({one.speaker for one in corpus.utterances})) if chosen == "lospo" else chosen


def protocols_for(corpus: Corpus) -> list[str]:
    """The registered protocols that the corpus can feed, less ``lospo`` where its folds would be very many."""
    able = []
    n_speakers = len({utterance.speaker for utterance in corpus.utterances})
    for name, function in _PROTOCOLS.items():
        if name == "lospo" and by_speakers(n_speakers) != name:
            continue
        try:
            _checked(name, function, corpus, {})
        except Exception:  # a defect of one that was not asked for must not hide what is said of the one that was
            continue
        able.append(name)
    return able


@protocol("loso")
def loso(corpus: Corpus) -> Folds:
    """Leave one session out: test one session, dev the next one (cyclic), train the rest."""
    sessions = groups_by(corpus, "session")
    names = list(sessions)
    next_one = {name: names[(i + 1) % len(names)] for i, name in enumerate(names)}
    first: dict[str, str | None] = {}
    shared = {u.speaker for u in corpus.utterances if first.setdefault(u.speaker, u.session) != u.session}
    warnings: tuple[str, ...] = ()
    if shared:
        who = "1 speaker is" if len(shared) == 1 else f"{len(shared)} speakers are"
        warnings = (f"{who} in more than one session, so speakers leak from test into training.",)
    return Folds("loso", leave_one_out("session", sessions, next_one), warnings, tells_of_known_speakers=bool(shared))


@protocol("last_session")
def last_session(corpus: Corpus) -> Folds:
    """The last fold of ``loso`` alone: test the session whose name is last, dev the first one, train the rest.

    Much that is published on IEMOCAP tests its session 5 alone. Names that end in numbers are in the order of these.
    """
    return Folds("last_session", loso(corpus).folds[-1:])  # what loso warns of is of all its folds


@protocol("lospo")
def lospo(corpus: Corpus) -> Folds:
    """Leave one speaker out; dev is the other speaker of the session, or the next speaker where there is none."""
    speakers = groups_by(corpus, "speaker")
    sessions: dict[str, set[str]] = {}
    for utterance in corpus.utterances:
        if utterance.session is not None:
            sessions.setdefault(utterance.session, set()).add(utterance.speaker)
    next_one = {}
    warnings: tuple[str, ...] = ()
    if (largest := max(map(len, sessions.values()), default=0)) > 2:
        warnings = (
            f"Sessions have up to {largest} speakers. Of the partners of a test speaker, who were in the same room, "
            "one is the dev part; the others are in training.",
        )
    for speaker in speakers:
        company = set().union(*(members for members in sessions.values() if speaker in members))
        circle = [name for name in speakers if name in company] if len(company) > 1 else list(speakers)
        next_one[speaker] = circle[(circle.index(speaker) + 1) % len(circle)]
    return Folds("lospo", leave_one_out("speaker", speakers, next_one), warnings)


@protocol("random_5fold")
def random_5fold(corpus: Corpus, *, split_seed: int = SPLIT_SEED) -> Folds:
    """Five random folds stratified by class, dev a stratified tenth of the training part: what the paper seems to do.

    The order is that of SHA-256 over the seed and the id, so it depends on no library's random numbers. Dealing the
    utterances out class by class keeps each class's share within one utterance.
    """
    folds = []
    for number, rest, held_out in _fifths(corpus, split_seed):
        rest = _shuffled(rest, f"{split_seed}/dev_{number}")
        parts = [u for i, u in enumerate(rest) if i % 10 != 5], rest[5::10], held_out
        folds.append(Fold(f"random_{number}", *(ids_of(part) for part in parts)))
    return Folds("random_5fold", tuple(folds), (_leaks("random_5fold"),), tells_of_known_speakers=True)


@protocol("random_80_5_15")
def random_80_5_15(corpus: Corpus, *, split_seed: int = SPLIT_SEED) -> Folds:
    """The random fifths of ``random_5fold``; a stratified quarter of each is dev, and what is left is tested.

    So Yoon, Byun and Jung (SLT 2018) divide IEMOCAP: 80 % training, 5 % dev, 15 % test. A quarter of the corpus is
    never tested.
    """
    folds = []
    for number, rest, held_out in _fifths(corpus, split_seed):
        held_out = _shuffled(held_out, f"{split_seed}/dev_of_test_{number}")
        parts = rest, held_out[2::4], [u for i, u in enumerate(held_out) if i % 4 != 2]
        folds.append(Fold(f"random_{number}", *(ids_of(part) for part in parts)))
    return Folds("random_80_5_15", tuple(folds), (_leaks("random_80_5_15"),), tells_of_known_speakers=True)


def _fifths(corpus: Corpus, split_seed: int) -> Iterator[tuple[int, list[Utterance], list[Utterance]]]:
    """Of each of five stratified fifths its number from 1, all other utterances, and its own."""
    dealt = _shuffled(corpus.utterances, f"{split_seed}/test")
    for number in range(5):
        yield number + 1, [u for i, u in enumerate(dealt) if i % 5 != number], dealt[number::5]


def _shuffled(utterances: Iterable[Utterance], salt: str) -> list[Utterance]:
    """Class by class, in the order of a hash."""

    def key(utterance: Utterance) -> tuple[str, str]:
        return utterance.emotion, hashlib.sha256(f"{salt}/{utterance.id}".encode()).hexdigest()

    return sorted(utterances, key=key)


def _leaks(name: str) -> str:
    return (
        f"{name} splits utterances at random: speakers, sessions and scripts leak from test into training, so the "
        "numbers are too good for new speakers; loso and lospo do not do this."
    )


@protocol("loso_script_disjoint")
def loso_script_disjoint(corpus: Corpus) -> Folds:
    """``loso`` less the training and dev utterances whose transcript (:func:`.scripts`) stands in the test part."""
    folds = loso(corpus)
    of = {utterance.id: scripts(utterance) for utterance in corpus.utterances}
    if not any(of.values()):
        raise ProtocolNotApplicableError("None of its utterances has a transcript.")
    kept, removed = [], 0
    for fold in folds.folds:
        tested = frozenset().union(*(of[id] for id in fold.test))
        train, dev = (tuple(id for id in part if of[id].isdisjoint(tested)) for part in (fold.train, fold.dev))
        if not train or not dev:
            raise ProtocolNotApplicableError(
                f"All its training or all its dev utterances have their transcript in the test part of {fold.name}."
            )
        removed += len(fold.train) + len(fold.dev) - len(train) - len(dev)
        kept.append(replace(fold, train=train, dev=dev))
    return replace(folds, protocol="loso_script_disjoint", folds=tuple(kept), removed=removed)


@protocol("impro_only")
def impro_only(corpus: Corpus) -> Folds:
    """``loso`` on the improvised dialogs."""
    improvised = tuple(utterance for utterance in corpus.utterances if utterance.style == "improvised")
    if not improvised:
        raise ProtocolNotApplicableError("None of its utterances is marked as improvised.")
    return replace(loso(replace(corpus, utterances=improvised)), protocol="impro_only")


def find_protocol(name: str) -> Protocol:
    """The function of a registered name or of a dotted path."""
    if name in _PROTOCOLS:
        return _PROTOCOLS[name]
    if "." not in name:
        nearest = get_close_matches(name, _PROTOCOLS, n=1, cutoff=0)[0]
        raise ProtocolError(
            f"There is no protocol '{name}'; the nearest is '{nearest}'. Known: {', '.join(_PROTOCOLS)}."
        )
    return function_at(name, f"The protocol '{name}'", ProtocolError)


def _checked(name: str, function: Protocol, corpus: Corpus, options: dict[str, Any]) -> Folds:
    """What a protocol makes of a corpus, with the checks that hold for every protocol."""
    if not corpus.utterances:
        raise ProtocolError("It has no usable utterance.")
    folds = function(corpus, **options)
    if not isinstance(folds, Folds):
        raise ProtocolError(f"{_path(function)} returned {type(folds).__name__} instead of Folds.")
    if folds.protocol != (expected := folder_of(name)):
        raise ProtocolError(
            f"{_path(function)} returned Folds called {folds.protocol!r}, but results of the protocol {name} are "
            f"looked for under {expected!r}: return Folds({expected!r}, ...)."
        )
    return check_folds(folds, corpus, name)


def _path(function: Protocol) -> str:
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', function)}"
