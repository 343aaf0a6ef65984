"""Folds as data: which utterances train, select and test a model, saved with every result.

A fold file is JSON. What a user has to write is the list ``folds``; the rest has defaults::

    {"protocol": "by_room",
     "folds": [{"name": "room_1", "train": ["u1", ...], "dev": ["u7", ...], "test": ["u9", ...]}, ...]}
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
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

    Raises
    ------
    ProtocolError
        If a part holds anything but ids (utterances, say).

    Example
    -------
    >>> Fold("session_1", ("u3", "u4"), ("u2",), "u1")
    Traceback (most recent call last):
    ...
    mtser.errors.ProtocolError: 'test' of the fold session_1 is the text 'u1'; a tuple of utterance ids was expected
    """

    name: str
    train: tuple[str, ...]
    dev: tuple[str, ...]
    test: tuple[str, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ProtocolError(f"the name of a fold is {self.name!r}; a text was expected")
        for part in PARTS:
            ids = _texts(f"'{part}' of the fold {self.name}", getattr(self, part), "utterance ids")
            object.__setattr__(self, part, tuple(sorted(ids)))


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
    tells_of_known_speakers
        Whether ``warnings`` say already that test speakers are in training, so that
        :func:`~mtser.training.checked_folds.check_folds` need not.

    Raises
    ------
    ProtocolError
        If there is no fold, or something is of another kind.

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
    tells_of_known_speakers: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.protocol, str):
            raise ProtocolError(f"the name of a protocol is {self.protocol!r}; a text was expected")
        if not isinstance(self.folds, list | tuple):
            raise ProtocolError(f"the folds of {self.protocol} are {_kind(self.folds)}; a tuple of Fold was expected")
        if not self.folds:
            raise ProtocolError(f"{self.protocol} has no folds; at least one was expected")
        if wrong := [fold for fold in self.folds if not isinstance(fold, Fold)]:
            raise ProtocolError(f"the folds of {self.protocol} hold {_kind(wrong[0])}; a Fold was expected")
        if not isinstance(self.removed, int):
            raise ProtocolError(f"'removed' of {self.protocol} is {_kind(self.removed)}; a whole number was expected")
        object.__setattr__(self, "folds", tuple(self.folds))
        for part in ("warnings", "notes"):
            found = _texts(f"'{part}' of {self.protocol}", getattr(self, part), "sentences")
            object.__setattr__(self, part, found)

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
                f"{self.protocol} has the folds 1 to {len(self.folds)}; asked for was {listed(map(str, wrong))}."
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
            **({"tells_of_known_speakers": True} if self.tells_of_known_speakers else {}),
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
        if not isinstance(told := value.get("tells_of_known_speakers", False), bool):
            raise ProtocolError("'tells_of_known_speakers' has to be true or false")
        folds = tuple(_fold(i, entry) for i, entry in enumerate(entries, 1))
        return cls(protocol, folds, tuple(warnings), removed, tuple(notes), told)

    def save(self, path: str | Path) -> Path:
        """Write the fold file, atomically."""
        return write_json(path, self.to_dict())


def _fold(number: int, entry: Any) -> Fold:
    """One entry of a fold file."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise ProtocolError(f"fold {number} has no 'name'")
    if wrong := [part for part in PARTS if not _are_texts(entry.get(part))]:
        raise ProtocolError(f"'{wrong[0]}' of the fold {entry['name']} is not a list of utterance ids")
    if unknown := sorted(entry.keys() - {"name", *PARTS}):
        raise ProtocolError(f"the fold {entry['name']} has '{unknown[0]}', known are name, train, dev and test")
    return Fold(entry["name"], *(tuple(entry[part]) for part in PARTS))


def _texts(where: str, value: Any, expected: str) -> tuple[str, ...]:
    """A protocol's texts as a tuple; a text by itself, whose letters would be taken for them, is refused."""
    if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
        raise ProtocolError(f"{where} is {_kind(value)}; a tuple of {expected} was expected")
    texts = tuple(value)
    for one in texts:
        if not isinstance(one, str):
            raise ProtocolError(f"{where} holds {_kind(one)}; {expected} were expected")
    return texts


def _kind(value: Any) -> str:
    """What something is, for a message: ``None``, ``the text 'u1'``, ``an object of the class Utterance``."""
    if value is None:
        return "None"
    return f"the text {value!r}" if isinstance(value, str) else f"an object of the class {type(value).__name__}"


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def listed(values: Iterable[str], most: int = 3) -> str:
    """``a, b, c and 5 more``."""
    values = list(values)
    text = ", ".join(values[:most])
    return text if len(values) <= most else f"{text} and {len(values) - most} more"
