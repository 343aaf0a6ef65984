"""The protocol ``cross_corpus``: test one corpus wholly, train on others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from mtser.corpora.corpus import Corpus, Member
from mtser.corpora.utterance import Utterance
from mtser.errors import ProtocolNotApplicableError
from mtser.languages import main_language
from mtser.training.folds import Fold, Folds
from mtser.training.groups import natural
from mtser.training.protocols import protocol
from mtser.training.scripts import scripts

DEV_SHARE = 5
"""One in so many sessions or speakers of a training corpus is held out."""

Group = Literal["session", "speaker"]


@protocol("cross_corpus")
def cross_corpus(corpus: Corpus) -> Folds:
    """One fold: test a corpus wholly; dev is held out of the training corpora, or a corpus of its own.

    Of each training corpus the last fifth of its sessions (in the order of their names, numbers by their size) is dev,
    at least one; of its speakers, if it has no sessions, or sessions that share speakers. So no speaker is in two
    parts. Nothing of the test corpus is in training or dev.
    """
    members = {role: [one for one in corpus.members if one.role == role] for role in ("train", "dev", "test")}
    if not members["train"] or not members["test"]:
        raise ProtocolNotApplicableError(
            "It is one corpus, not some to train on and another to test on (recipes/cross_corpus joins them)."
        )
    of: dict[str, list[Utterance]] = {member.name: [] for member in corpus.members}
    for one in corpus.utterances:
        of[one.corpus or ""].append(one)
    train, dev, notes = _train_and_dev(members["train"], members["dev"], of)
    test = [one for member in members["test"] for one in of[member.name]]
    repeated, sentence = repeated_scripts((*train, *dev), test)
    warnings = (sentence,) if repeated else ()
    notes += [] if repeated else [sentence]
    notes += foreign_languages(train, test)
    name = f"test_{'+'.join(member.name for member in members['test'])}"
    fold = Fold(name, *(tuple(one.id for one in part) for part in (train, dev, test)))
    return Folds("cross_corpus", (fold,), warnings, notes=tuple(notes))


def _train_and_dev(
    train_members: Sequence[Member], dev_members: Sequence[Member], of: Mapping[str, list[Utterance]]
) -> tuple[list[Utterance], list[Utterance], list[str]]:
    """The two parts, and sentences that say what is in dev."""
    train = [one for member in train_members for one in of[member.name]]
    if dev_members:
        dev = [one for member in dev_members for one in of[member.name]]
        return (
            train,
            dev,
            [f"Dev is all of {', '.join(member.name for member in dev_members)} ({len(dev)} utterances)."],
        )
    held_out: list[Utterance] = []
    notes = []
    for member in train_members:
        kind, groups = _groups(of[member.name])
        if len(groups) < 2:
            notes.append(f"Nothing of {member.name} is in dev: it has one speaker, who is needed for training.")
            continue
        last = list(groups)[-max(1, round(len(groups) / DEV_SHARE)) :]
        found = [one for name in last for one in groups[name]]
        held_out += found
        plural = "s" * (len(last) > 1)
        names = ", ".join(name.removeprefix(f"{member.name}/") for name in _shortened(last))
        notes.append(f"Dev holds {len(found)} utterances of {member.name}: its {kind}{plural} {names}.")
    if not held_out:
        raise ProtocolNotApplicableError(
            "Its training corpora have one speaker each, so none can be held out as dev; give --dev_corpus."
        )
    ids = {one.id for one in held_out}
    return [one for one in train if one.id not in ids], held_out, notes


def _groups(utterances: Iterable[Utterance]) -> tuple[Group, dict[str, list[Utterance]]]:
    """The utterances by session if sessions hold speakers apart, else by speaker; in natural order."""
    utterances = list(utterances)
    first: dict[str, str | None] = {}
    apart = all(first.setdefault(one.speaker, one.session) == one.session for one in utterances)
    sessions = {one.session for one in utterances}
    kind: Group = "session" if apart and None not in sessions and len(sessions) > 1 else "speaker"
    groups: dict[str, list[Utterance]] = {}
    for one in utterances:
        groups.setdefault(str(getattr(one, kind)), []).append(one)
    return kind, {name: groups[name] for name in sorted(groups, key=natural)}


def repeated_scripts(learned: Iterable[Utterance], test: Sequence[Utterance]) -> tuple[int, str]:
    """How many test transcripts stand in training or dev, too, and a sentence that says so.

    Parameters
    ----------
    learned
        The utterances of training and dev.
    test
        Those that are tested; transcripts are compared as :func:`~mtser.training.scripts.scripts` has them.
    """
    known = frozenset().union(*map(scripts, learned))
    repeated = sum(not known.isdisjoint(scripts(one)) for one in test)
    return repeated, (
        f"{repeated} of the {len(test)} test utterances ({100 * repeated / max(len(test), 1):.1f} %) have a transcript "
        "that stands in training or dev, too."
    )


def foreign_languages(learned: Iterable[Utterance], test: Iterable[Utterance]) -> list[str]:
    """A sentence if something is tested in a language that was not trained on; else none."""
    known = {main_language(one.language) for one in learned}
    unknown = sorted({main_language(one.language) for one in test} - known)
    if not unknown:
        return []
    return [
        f"Tested is speech in {', '.join(unknown)}, trained on is speech in {', '.join(sorted(known))}: words of the "
        "one language tell little about those of the other."
    ]


def _shortened(names: Sequence[str], most: int = 10) -> list[str]:
    return list(names) if len(names) <= most else [*names[: most - 1], f"and {len(names) - most + 1} more"]
