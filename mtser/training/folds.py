"""Folds as data: which utterances train, select and test a model, saved with every result.

A fold file is JSON. What a user has to write is the list ``folds``; the rest has defaults::

    {"protocol": "by_room",
     "folds": [{"name": "room_1", "train": ["u1", ...], "dev": ["u7", ...], "test": ["u9", ...]}, ...]}
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import ProtocolError
from mtser.files import write_json

PARTS = ("train", "dev", "test")
FOLDER_NAME = re.compile(r"\w[\w.+-]*")
"""What names of folds, protocols and runs look like: they become folders."""


@dataclass(frozen=True, slots=True)
class Fold:
    """One division of a corpus.

    Parameters
    ----------
    name
        Of the fold, for example "session_1"; it becomes a folder of the run.
    train, dev, test
        Utterance ids, kept sorted: they fit the weights, choose the epoch, and are judged once, in this order.
    """

    name: str
    train: tuple[str, ...]
    dev: tuple[str, ...]
    test: tuple[str, ...]

    def __post_init__(self) -> None:
        for part in PARTS:
            object.__setattr__(self, part, tuple(sorted(getattr(self, part))))


@dataclass(frozen=True, slots=True)
class Folds:
    """All folds of a protocol on one corpus.

    Parameters
    ----------
    protocol
        Its name; it becomes a folder of the results.
    folds
        In their fixed order; fold 1 of the command line is the first.
    warnings
        Sentences that the user has to see beside every number.
    removed
        How often an utterance was taken out of a training or dev part (summed over the folds) to keep the test fair.
    notes
        Sentences on how the folds came about, for the report.

    Example
    -------
    >>> folds = Folds("loso", (Fold("session_1", ("u3",), ("u2",), ("u1",)),))
    >>> Folds.from_dict(folds.to_dict()) == folds
    True
    >>> folds.hash()[:12]
    'e0d2e4e003c8'
    """

    protocol: str
    folds: tuple[Fold, ...]
    warnings: tuple[str, ...] = ()
    removed: int = 0
    notes: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The folds' names, in order."""
        return tuple(fold.name for fold in self.folds)

    def select(self, numbers: Iterable[int]) -> tuple[Fold, ...]:
        """The folds of these numbers (from 1, any order, repetitions ignored), in the order of the protocol.

        Raises
        ------
        ProtocolError
            If no fold is asked for, or one that does not exist.
        """
        chosen = sorted(set(numbers))
        if not chosen or chosen[0] < 1 or chosen[-1] > len(self.folds):
            wrong = [number for number in chosen if not 1 <= number <= len(self.folds)]
            raise ProtocolError(
                f"{self.protocol} has the folds 1 to {len(self.folds)}; asked for was {_listed(map(str, wrong))}."
            )
        return tuple(self.folds[number - 1] for number in chosen)

    def without_test(self) -> "Folds":
        """The same training and dev parts, and no test part at all: what settings may be chosen by.

        Example
        -------
        >>> Folds("loso", (Fold("session_1", ("u3",), ("u2",), ("u1",)),)).without_test().folds[0].test
        ()
        """
        return replace(self, folds=tuple(replace(fold, test=()) for fold in self.folds))

    def utterances(self, corpus: Corpus, numbers: Iterable[int] | None = None) -> list[Utterance]:
        """The utterances of a corpus that are in any part of these folds (None: of all), in the corpus's order."""
        used = {
            id
            for fold in (self.folds if numbers is None else self.select(numbers))
            for part in PARTS
            for id in getattr(fold, part)
        }
        return [one for one in corpus.utterances if one.id in used]

    def hash(self) -> str:
        """SHA-256 of the protocol's name and the folds: equal for equal divisions, whatever the warnings say."""
        value = self.to_dict()
        text = json.dumps([value["protocol"], value["folds"]], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The folds as JSON types."""
        return {
            "protocol": self.protocol,
            "warnings": list(self.warnings),
            "removed": self.removed,
            **({"notes": list(self.notes)} if self.notes else {}),
            "folds": [{"name": fold.name} | {part: list(getattr(fold, part)) for part in PARTS} for fold in self.folds],
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "Folds":
        """The inverse of :meth:`to_dict`; all but ``folds`` may be absent.

        Raises
        ------
        ProtocolError
            If something is missing or of another kind; the sentence names no file.
        """
        entries = value.get("folds") if isinstance(value, Mapping) else None
        if not isinstance(entries, list) or not entries:
            raise ProtocolError("a list 'folds' with at least one fold was expected")
        protocol, removed = value.get("protocol", "custom"), value.get("removed", 0)
        warnings, notes = value.get("warnings", []), value.get("notes", [])
        if not isinstance(protocol, str) or not _are_texts(warnings) or not isinstance(removed, int):
            raise ProtocolError("'protocol' has to be a text, 'warnings' a list of texts and 'removed' a number")
        if not _are_texts(notes):
            raise ProtocolError("'notes' has to be a list of texts")
        folds = tuple(_fold(i, entry) for i, entry in enumerate(entries, 1))
        return cls(protocol, folds, tuple(warnings), removed, tuple(notes))

    def save(self, path: str | Path) -> Path:
        """Write the fold file, atomically."""
        return write_json(path, self.to_dict())


def read_folds(path: str | Path, corpus: Corpus, *, dev_only: bool = False) -> Folds:
    """Read a fold file and check it against the corpus (see :func:`check_folds`).

    Parameters
    ----------
    path
        The file.
    corpus
        That it divides.
    dev_only
        Test parts may be empty, since they will not be looked at.

    Raises
    ------
    ProtocolError
        If the file is missing, is no fold file or does not fit the corpus.
    """
    path = Path(path)
    try:
        folds = Folds.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ProtocolError(f"{path}: the fold file cannot be read ({error.strerror}).") from error
    except (ValueError, ProtocolError) as error:
        raise ProtocolError(f"{path}: is no fold file ({error}).") from error
    return check_folds(folds, corpus, str(path), dev_only=dev_only)


def check_folds(folds: Folds, corpus: Corpus, source: str, *, dev_only: bool = False) -> Folds:
    """Check folds against their corpus.

    Parameters
    ----------
    source
        What made the folds (a file, a protocol): the start of every message.
    dev_only
        Test parts may be empty.

    Returns
    -------
    Folds
        With a warning more for each class that a dev or test part lacks, for test speakers that are in training, and
        for utterances that no fold tests.

    Raises
    ------
    ProtocolError
        If a name cannot be a folder or stands twice, a part is empty or lacks a class that a model has to learn, an id
        is not in the corpus, an utterance is in two parts of a fold, or is tested by two folds; of joined corpora, if
        the one that is for tests is trained on, or another one tested.
    """
    emotions = {utterance.id: utterance.emotion for utterance in corpus.utterances}
    for name in (folds.protocol, *folds.names()):
        if not FOLDER_NAME.fullmatch(name):
            raise ProtocolError(f"{source}: '{name}' cannot name a folder; use letters, digits and any of _ . + - .")
    if repeated := _repeated(folds.names()):
        raise ProtocolError(f"{source}: more than one fold is called {_listed(repeated)}.")
    if repeated := _repeated(id for fold in folds.folds for id in set(fold.test)):
        raise ProtocolError(f"{source}: more than one fold tests {_listed(repeated)}.")
    warnings = list(folds.warnings)
    for fold in folds.folds:
        warnings += _check_fold(fold, emotions, corpus, f"{source}, fold {fold.name}", PARTS[:2] if dev_only else PARTS)
    if not any("speaker" in warning for warning in warnings):  # of protocols that say so themselves
        warnings += _known_speakers(folds, corpus)
    to_test = {one.id for one in corpus.utterances} if not corpus.members else _refuse_mixture(folds, corpus, source)
    # Of one fold the rest is there to be learned from; of several, each utterance is expected to be tested by one.
    parts, where = (PARTS, "in no part of the fold") if len(folds.folds) == 1 else (PARTS[2:], "tested by no fold")
    untested = sorted(to_test - {id for fold in folds.folds for part in parts for id in getattr(fold, part)})
    if untested and not dev_only:
        warnings.append(f"{len(untested)} of the corpus's {len(to_test)} utterances are {where} ({_listed(untested)}).")
    return replace(folds, warnings=tuple(dict.fromkeys(warnings)))


def _known_speakers(folds: Folds, corpus: Corpus) -> list[str]:
    """A sentence on test speakers that are in training or dev, too."""
    of = {utterance.id: utterance.speaker for utterance in corpus.utterances}
    tested, known = set[tuple[str, str]](), set[tuple[str, str]]()
    for fold in folds.folds:
        learned = {of[id] for id in (*fold.train, *fold.dev)}
        own = {of[id] for id in fold.test}
        tested |= {(fold.name, speaker) for speaker in own}
        known |= {(fold.name, speaker) for speaker in own & learned}
    if not known:
        return []
    n_tested, n_known = (len({speaker for _, speaker in some}) for some in (tested, known))
    return [
        f"Of the {n_tested} test speakers {n_known} are also in the training or dev part of the fold that tests them, "
        "so the numbers are too good for new speakers."
    ]


def _refuse_mixture(folds: Folds, corpus: Corpus, source: str) -> set[str]:
    """Of joined corpora: refuse folds that train on the test corpus or test another; returns what is to be tested."""
    tested = {member.name for member in corpus.members if member.role == "test"}
    to_test = {one.id for one in corpus.utterances if one.corpus in tested}
    for fold in folds.folds:
        wrong = sorted(to_test.intersection((*fold.train, *fold.dev)) or set(fold.test) - to_test)
        if tested and wrong:
            raise ProtocolError(
                f"{source}, fold {fold.name}: trains on the test corpus or tests another one ({_listed(wrong)}); "
                "corpora that are to be held apart are divided by the protocol cross_corpus."
            )
    return to_test if tested else {one.id for one in corpus.utterances}


def _check_fold(fold: Fold, emotions: Mapping[str, str], corpus: Corpus, where: str, parts: Sequence[str]) -> list[str]:
    """Check one fold by itself, ``parts`` of it for what they hold; returns its warnings."""
    everything = [id for part in PARTS for id in getattr(fold, part)]
    if unknown := sorted(set(everything) - emotions.keys()):
        raise ProtocolError(
            f"{where}: {len(unknown)} of its utterances are not among the usable ones of {corpus.name}: "
            f"{_listed(unknown)}. Make the folds anew, or see skipped.csv."
        )
    if repeated := _repeated(everything):
        raise ProtocolError(f"{where}: more than once in train, dev and test together: {_listed(repeated)}.")
    warnings = []
    for part in parts:
        ids = getattr(fold, part)
        if not ids:
            raise ProtocolError(f"{where}: the {part} part is empty.")
        present = {emotions[id] for id in ids}
        missing = [name for name in corpus.classes if name not in present]
        if missing and part == "train":
            raise ProtocolError(f"{where}: no training utterance is {_listed(missing)}, so it cannot be learnt.")
        if missing:
            warnings.append(
                f"Fold {fold.name}: no {part} utterance is {_listed(missing)}; its UA is over the classes present."
            )
    return warnings


def _fold(number: int, entry: Any) -> Fold:
    """One entry of a fold file."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise ProtocolError(f"fold {number} has no 'name'")
    if wrong := [part for part in PARTS if not _are_texts(entry.get(part))]:
        raise ProtocolError(f"'{wrong[0]}' of the fold {entry['name']} is not a list of utterance ids")
    if unknown := sorted(entry.keys() - {"name", *PARTS}):
        raise ProtocolError(f"the fold {entry['name']} has '{unknown[0]}', known are name, train, dev and test")
    return Fold(entry["name"], *(tuple(entry[part]) for part in PARTS))


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def _listed(values: Iterable[str], most: int = 3) -> str:
    """``a, b, c and 5 more``."""
    values = list(values)
    text = ", ".join(values[:most])
    return text if len(values) <= most else f"{text} and {len(values) - most} more"
