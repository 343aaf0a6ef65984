"""Folds from groups of utterances that must not be torn apart: sessions, dialogs, speakers."""

import re
import warnings
from collections.abc import Sequence

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import ProtocolNotApplicableError
from mtser.training.folds import Fold

_LONGEST = 80  # characters of a fold's name, which is that of a folder


def leave_one_out(kind: str, groups: dict[str, list[Utterance]], dev: dict[str, str]) -> tuple[Fold, ...]:
    """One fold a group: it is the test part, the group ``dev`` names is the dev part."""
    if len(groups) < 3:
        raise ProtocolNotApplicableError(
            f"It has {len(groups)} {kind}{'s' * (len(groups) > 1)} ({', '.join(groups)}); train, dev and test need 3."
        )
    folds: list[Fold] = []
    alike: set[str] = set()
    for name, tested in groups.items():
        rest = [u for other, members in groups.items() if other not in (name, dev[name]) for u in members]
        cleaned = re.sub(r"[^\w.+-]", "_", f"{kind}_{name}")[:_LONGEST]
        numbered = (f"{cleaned}_{number}" for number in range(2, len(groups) + 2))
        folder = cleaned if cleaned.casefold() not in alike else next(n for n in numbered if n.casefold() not in alike)
        alike.add(folder.casefold())  # on some disks "A" and "a" are one folder
        folds.append(Fold(folder, ids_of(rest), ids_of(groups[dev[name]]), ids_of(tested)))
    return tuple(folds)


def groups_by(corpus: Corpus, attribute: str) -> dict[str, list[Utterance]]:
    """The utterances by session, dialog or speaker, numbers in names in the order of their size."""
    groups: dict[str, list[Utterance]] = {}
    if all(getattr(utterance, attribute) is None for utterance in corpus.utterances):
        raise ProtocolNotApplicableError(f"It has no {attribute}s.")
    for utterance in corpus.utterances:
        group = getattr(utterance, attribute)
        if group is None:
            column = " (in a table: no group)" if attribute == "session" else ""
            raise ProtocolNotApplicableError(f"Its utterance {utterance.id} has no {attribute}{column}.")
        groups.setdefault(group, []).append(utterance)
    return {name: groups[name] for name in sorted(groups, key=natural)}


def like_groups(corpus: Corpus, attribute: str, n: int) -> list[list[Utterance]]:
    """The utterances in ``n`` parts, alike in size and classes, that tear no session, dialog or speaker apart.

    The parts are those of scikit-learn's ``StratifiedGroupKFold``, which draws nothing.

    Raises
    ------
    ProtocolNotApplicableError
        If there are fewer than ``n`` sessions, dialogs or speakers, or no class has ``n`` utterances.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # not with every command

    n_groups = len(groups_by(corpus, attribute))
    if n_groups < n:
        plural = "s" * (n_groups != 1)
        raise ProtocolNotApplicableError(f"It has {n_groups} {attribute}{plural}; {n} groups need {n}.")
    utterances = corpus.utterances  # in the order of their ids
    emotions, groups = [one.emotion for one in utterances], [getattr(one, attribute) for one in utterances]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class")
        try:
            divided = [test for _, test in StratifiedGroupKFold(n).split(emotions, emotions, groups)]
        except ValueError as error:
            raise ProtocolNotApplicableError(f"It cannot be divided into {n} groups ({error}).") from error
    return [[utterances[i] for i in part] for part in divided]


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """A sort key with "9" before "10"."""
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part], name


def ids_of(utterances: Sequence[Utterance]) -> tuple[str, ...]:
    """Their ids, in their order."""
    return tuple(utterance.id for utterance in utterances)
