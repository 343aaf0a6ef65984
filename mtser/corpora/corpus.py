"""A corpus as read from disk, and its manifest."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from mtser.corpora.manifest import manifest_hash, manifest_pieces, write_manifest
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError
from mtser.files import write_csv


@dataclass(frozen=True, slots=True)
class Skipped:
    """An utterance that was left out, and why.

    Parameters
    ----------
    utterance
        Its id, as far as it is known.
    reason
        A short phrase that is the same for every utterance with the same trouble, so that reasons can be counted.
    detail
        What exactly was found, with the file and line; may be empty.
    """

    utterance: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the corpora that a corpus is joined from.

    Parameters
    ----------
    name
        Of the corpus, as ``Utterance.corpus`` has it.
    root
        The folder that ``Utterance.wav`` of its utterances is relative to.
    role
        What it is there for: "train" (a part of it may be held out as dev), "dev" or "test".
    """

    name: str
    root: Path
    role: Literal["train", "dev", "test"] = "train"


def folder_name(data_folder: Path) -> str:
    """What results on a corpus are called after: its folder; of a table, the folder in which it lies.

    Example
    -------
    >>> folder_name(Path("/corpora/IEMOCAP_full_release"))
    'IEMOCAP_full_release'
    """
    place = data_folder.resolve()
    return (place.parent if place.is_file() else place).name or "corpus"


@dataclass(frozen=True)
class Corpus:
    """Utterances, what was left out, and what a protocol has to know about both.

    Parameters
    ----------
    name
        Of the corpus ("iemocap"), not of the copy on disk.
    root
        The folder that every ``Utterance.wav`` is relative to, unless there are ``members``.
    classes
        The emotion classes in their fixed order.
    utterances
        Sorted by id, ids unique: the same for any order of files on disk.
    skipped
        Sorted by id.
    warnings
        Sentences that the user has to see.
    synthetic
        True if the speech was synthesised: reports say so wherever a number appears.
    licence
        What may be done with it, in a few words, as its makers say; empty if the reader does not know. Cards of models
        that learned from it tell it.
    context
        Turns of the same dialogs that are in no class (so they are among ``skipped``, too): models that look at
        dialogs read them, nothing is learned or tested on them. Sorted by id.
    read_context
        Gives the context where reading it takes time: called by :meth:`with_context` for models that look at dialogs.
    default_protocol
        The protocol that it is divided by where the user names none; None leaves it to
        :func:`mtser.training.protocols.default_protocol`.
    members
        The corpora that it is joined from, sorted by name; none for a corpus by itself.

    Example
    -------
    >>> corpus = Corpus("toy", Path("/toy"), ("sad",), (), (Skipped("u9", "no alignment"),))
    >>> corpus.skipped_reasons()
    {'no alignment': 1}
    """

    name: str
    root: Path
    classes: tuple[str, ...]
    utterances: tuple[Utterance, ...]
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[str, ...] = ()
    synthetic: bool = False
    licence: str = ""
    context: tuple[Utterance, ...] = ()
    read_context: Callable[[], Iterable[Utterance]] | None = field(default=None, repr=False, compare=False)
    default_protocol: str | None = None
    members: tuple[Member, ...] = ()

    def __post_init__(self) -> None:
        for part, kind in (("utterances", Utterance), ("skipped", Skipped), ("context", Utterance)):
            # Of what is sorted here and used far away, so a reader's mistake is told where it is made.
            if not isinstance(values := getattr(self, part), Iterable):
                raise CorpusError(f"{self.place}: {part} of the corpus are {values!r}; a tuple was expected.")
            object.__setattr__(self, part, values := tuple(values))
            for one in values:
                if not isinstance(one, kind):
                    raise CorpusError(
                        f"{self.place}: {part} of the corpus hold {one!r:.80}, which is no {kind.__name__}."
                    )
        object.__setattr__(self, "utterances", tuple(sorted(self.utterances, key=lambda utterance: utterance.id)))
        object.__setattr__(self, "skipped", tuple(sorted(self.skipped, key=lambda skipped: skipped.utterance)))
        object.__setattr__(self, "context", tuple(sorted(self.context, key=lambda utterance: utterance.id)))
        ids = (utterance.id for utterance in (*self.utterances, *self.context))
        repeated = [id for id, count in Counter(ids).items() if count > 1]
        if repeated:
            raise CorpusError(f"{self.place}: the utterance id {repeated[0]} is used more than once.")

    def audio_paths(self) -> dict[str, Path]:
        """Utterance id → its audio file, the context's included.

        Example
        -------
        >>> from mtser.alignment.word import Word
        >>> one = Utterance("u1", "wav/u1.wav", 1.0, "A", "sad", "", (Word("oh", 0, 1),))
        >>> Corpus("toy", Path("/toy"), ("sad",), (one,)).audio_paths()["u1"].as_posix()
        '/toy/wav/u1.wav'
        """
        roots = {member.name: member.root for member in self.members}
        return {one.id: roots.get(one.corpus or "", self.root) / one.wav for one in (*self.utterances, *self.context)}

    @property
    def place(self) -> str:
        """The folder, or the folders of its members, for messages."""
        return " and ".join(str(member.root) for member in self.members) or str(self.root)

    def with_context(self) -> "Corpus":
        """The corpus with its context, read if it was not yet: the turns of those dialogs that have an utterance."""
        if self.read_context is None:
            return self
        dialogs = {one.dialog for one in self.utterances}
        context = tuple(one for one in self.read_context() if one.dialog in dialogs)
        return replace(self, context=context, read_context=None)

    def without(self, skipped: Iterable[Skipped]) -> "Corpus":
        """The corpus with more utterances left out; turns of the context, which are listed already, are not again."""
        listed = {one.id for one in self.context}
        skipped = tuple(skipped)
        ids = {one.utterance for one in skipped}
        skipped = tuple(one for one in skipped if one.utterance not in listed)
        kept, context = (
            tuple(utterance for utterance in part if utterance.id not in ids)
            for part in (self.utterances, self.context)
        )
        return replace(self, utterances=kept, skipped=self.skipped + skipped, context=context)

    def skipped_reasons(self) -> dict[str, int]:
        """How many utterances were left out for each reason, most frequent first."""
        return dict(Counter(skipped.reason for skipped in self.skipped).most_common())

    @property
    def manifest(self) -> str:
        """The manifest as text: JSON, one entry an utterance, the same on every machine.

        SpeechBrain's ``DynamicItemDataset.from_json`` reads the file as it is.
        """
        return "".join(manifest_pieces(self.utterances))

    def manifest_hash(self) -> str:
        """SHA-256 of the manifest: equal for equal data."""
        return self._manifest_hash

    @cached_property
    def _manifest_hash(self) -> str:
        return manifest_hash(self.utterances)

    def context_hash(self) -> str | None:
        """SHA-256 of the context as a manifest; None if there is none."""
        return manifest_hash(self.context) if self.context else None

    def save(self, folder: str | Path) -> None:
        """Write ``manifest.json`` and ``skipped.csv`` into ``folder``; ``context.json``, too, if there is a context."""
        write_manifest(Path(folder) / "manifest.json", self.utterances)
        if self.context:
            write_manifest(Path(folder) / "context.json", self.context)
        self.save_skipped(folder)

    def save_skipped(self, folder: str | Path) -> None:
        """Write ``skipped.csv`` alone."""
        rows = ((skipped.utterance, skipped.reason, skipped.detail) for skipped in self.skipped)
        write_csv(Path(folder) / "skipped.csv", ("utterance", "reason", "detail"), rows)


VERY_MANY = 500
"""Speakers: with more of them, a fold each is more than anybody trains."""


def by_speakers(n_speakers: int) -> str:
    """The protocol that keeps speakers apart: a fold each, or five folds where they are :data:`VERY_MANY`.

    Example
    -------
    >>> by_speakers(10), by_speakers(3000)
    ('lospo', 'speakers_5fold')
    """
    return "speakers_5fold" if n_speakers > VERY_MANY else "lospo"
