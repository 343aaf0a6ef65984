"""Several corpora as one: every id, speaker, session and dialog keeps to its corpus."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from mtser.audio import AudioInfo
from mtser.corpora.corpus import Corpus, Member, Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError

_FIRST = ("test", "dev", "train")
"""Of an audio file that stands in several corpora, the copy in the first of these stays."""


def join_corpora(name: str, corpora: Mapping[str, Corpus], members: Iterable[Member]) -> Corpus:
    """Join corpora that have the same classes.

    Parameters
    ----------
    name
        Of the whole.
    corpora
        Name → corpus, one for each member.
    members
        In any order.

    Returns
    -------
    Corpus
        Ids, speakers, sessions and dialogs begin with the name of their corpus and a slash; so do the reasons and the
        warnings. The same for any order of the members.

    Raises
    ------
    CorpusError
        If two members lie in one folder, or their classes differ.

    Example
    -------
    >>> from mtser.alignment.word import Word
    >>> one = Utterance("u1", "u1.wav", 1.0, "A", "sad", "", (Word("oh", 0, 1),))
    >>> toy = Corpus("toy", Path("/toy"), ("sad",), (one,))
    >>> joined = join_corpora("both", {"toy": toy}, [Member("toy", toy.root)])
    >>> joined.utterances[0].id, joined.utterances[0].speaker, joined.audio_paths()["toy/u1"].as_posix()
    ('toy/u1', 'toy/A', '/toy/u1.wav')
    """
    members = tuple(sorted(members, key=lambda member: member.name))
    refuse_equal_folders(members)
    first = corpora[members[0].name]
    for member in members:
        if corpora[member.name].classes != first.classes:
            raise CorpusError(f"{members[0].name} and {member.name} have different classes, so they cannot be joined.")
    parts = [(member.name, corpora[member.name]) for member in members]
    return Corpus(
        name=name,
        root=first.root,
        classes=first.classes,
        utterances=tuple(_of(name, one) for name, corpus in parts for one in corpus.utterances),
        skipped=tuple(
            Skipped(f"{name}/{one.utterance}", f"{name}: {one.reason}", one.detail)
            for name, corpus in parts
            for one in corpus.skipped
        ),
        warnings=(*(f"{name}: {text}" for name, corpus in parts for text in corpus.warnings), *_scales(parts)),
        synthetic=any(corpus.synthetic for _, corpus in parts),
        licence="; ".join(f"{name}: {corpus.licence}" for name, corpus in parts if corpus.licence),
        context=tuple(_of(name, one) for name, corpus in parts for one in corpus.context),
        read_context=_context(parts),
        members=members,
        default_protocol="cross_corpus",
    )


def refuse_equal_folders(members: Sequence[Member]) -> None:
    """Refuse two corpora in one folder: they would be one corpus.

    Raises
    ------
    CorpusError
        With their names.
    """
    seen: dict[Path, str] = {}
    for member in members:
        other = seen.setdefault(member.root.resolve(), member.name)
        if other != member.name:
            raise CorpusError(
                f"{member.root}: is the folder of both {other} and {member.name}; what is trained on and what is "
                "tested on have to be different corpora."
            )


def without_copies(corpus: Corpus, infos: Mapping[str, AudioInfo]) -> Corpus:
    """Leave out of training what is tested: audio files that stand, byte by byte, in another member, too.

    Of equal files the copy in the test corpus stays, else that in the dev corpus, else that of the first corpus in the
    order of names. Copies within one corpus are its own matter.

    Parameters
    ----------
    infos
        Utterance id → what is known of its audio file.

    Raises
    ------
    CorpusError
        If nothing of a corpus is left.
    """
    order = sorted(corpus.members, key=lambda member: (_FIRST.index(member.role), member.name))
    own: dict[str, list[Utterance]] = {member.name: [] for member in order}
    for one in (*corpus.utterances, *corpus.context):
        own[one.corpus or ""].append(one)
    seen: dict[str, str] = {}  # hash → name of the corpus that keeps the file
    copies, warnings = [], []
    for member in order:
        found = []
        for one in own[member.name]:
            sha256 = infos[one.id].sha256
            if sha256 and seen.setdefault(sha256, member.name) != member.name:
                found.append(Skipped(one.id, f"{member.name}: the same audio file is in {seen[sha256]}", sha256[:12]))
        if found and len(found) == len(own[member.name]):
            raise CorpusError(
                f"{member.root}: every audio file of {member.name} is in {seen[infos[found[0].utterance].sha256]}, "
                "too; they are copies of one corpus."
            )
        if found:
            were = "utterance of it was" if len(found) == 1 else "utterances of it were"
            warnings.append(
                f"{member.name}: {len(found)} {were} left out, whose audio files are in other corpora, too. (Copies "
                "that were converted, cut or resampled cannot be recognised.)"
            )
        copies += found
    return replace(corpus, warnings=(*corpus.warnings, *warnings)).without(copies) if copies else corpus


def _of(name: str, one: Utterance) -> Utterance:
    """An utterance under the name of its corpus."""

    def own(value: str | None) -> str | None:
        return None if value is None else f"{name}/{value}"

    return replace(
        one,
        id=f"{name}/{one.id}",
        speaker=f"{name}/{one.speaker}",
        session=own(one.session),
        dialog=own(one.dialog),
        corpus=name,
    )


def _context(parts: Sequence[tuple[str, Corpus]]) -> Callable[[], Iterable[Utterance]] | None:
    """Reads the contexts of those corpora that have one to be read."""
    if all(corpus.read_context is None for _, corpus in parts):
        return None

    def read() -> Iterable[Utterance]:
        return chain.from_iterable((_of(name, one) for one in corpus.with_context().context) for name, corpus in parts)

    return read


def _scales(parts: Sequence[tuple[str, Corpus]]) -> list[str]:
    """A warning if attributes of several corpora come together, whose scales differ from corpus to corpus."""
    rated = [name for name, corpus in parts if any(one.vad is not None for one in corpus.utterances)]
    if len(rated) < 2:
        return []
    return [
        f"Valence, activation and dominance are on each corpus's own scale ({', '.join(rated)}): they do not compare."
    ]
