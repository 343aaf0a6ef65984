"""Folds that are held against their corpus: what a file or a protocol says is checked before anything is trained."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mtser.corpora.corpus import Corpus
from mtser.errors import ProtocolError
from mtser.training.folds import FOLDER_NAME, PARTS, Fold, Folds, listed


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
        raise ProtocolError(f"{source}: more than one fold is called {listed(repeated)}.")
    if repeated := _repeated(id for fold in folds.folds for id in set(fold.test)):
        raise ProtocolError(f"{source}: more than one fold tests {listed(repeated)}.")
    warnings = list(folds.warnings)
    for fold in folds.folds:
        warnings += _check_fold(fold, emotions, corpus, f"{source}, fold {fold.name}", PARTS[:2] if dev_only else PARTS)
    if not folds.tells_of_known_speakers:
        warnings += _known_speakers(folds, corpus)
    to_test = {one.id for one in corpus.utterances} if not corpus.members else _refuse_mixture(folds, corpus, source)
    # Of one fold the rest is there to be learned from; of several, each utterance is expected to be tested by one.
    parts, where = (PARTS, "in no part of the fold") if len(folds.folds) == 1 else (PARTS[2:], "tested by no fold")
    untested = sorted(to_test - {id for fold in folds.folds for part in parts for id in getattr(fold, part)})
    if untested and not dev_only:
        warnings.append(f"{len(untested)} of the corpus's {len(to_test)} utterances are {where} ({listed(untested)}).")
    return replace(folds, warnings=tuple(dict.fromkeys(warnings)))


def _known_speakers(folds: Folds, corpus: Corpus) -> list[str]:
    """A sentence on test speakers that are in training or dev, too."""
    of = {utterance.id: utterance.speaker for utterance in corpus.utterances}
    tested, known = set[str](), set[str]()
    for fold in folds.folds:
        own = {of[id] for id in fold.test}
        tested |= own
        known |= own & {of[id] for id in (*fold.train, *fold.dev)}
    if not known:
        return []
    return [
        f"Of the {len(tested)} test speakers {len(known)} are also in the training or dev part of the fold that tests "
        "them, so the numbers are too good for new speakers."
    ]


def _refuse_mixture(folds: Folds, corpus: Corpus, source: str) -> set[str]:
    """Of joined corpora: refuse folds that train on the test corpus or test another; returns what is to be tested."""
    tested = {member.name for member in corpus.members if member.role == "test"}
    to_test = {one.id for one in corpus.utterances if one.corpus in tested}
    for fold in folds.folds:
        wrong = sorted(to_test.intersection((*fold.train, *fold.dev)) or set(fold.test) - to_test)
        if tested and wrong:
            raise ProtocolError(
                f"{source}, fold {fold.name}: trains on the test corpus or tests another one ({listed(wrong)}); "
                "corpora that are to be held apart are divided by the protocol cross_corpus."
            )
    return to_test if tested else {one.id for one in corpus.utterances}


def _check_fold(fold: Fold, emotions: Mapping[str, str], corpus: Corpus, where: str, parts: Sequence[str]) -> list[str]:
    """Check one fold by itself, ``parts`` of it for what they hold; returns its warnings."""
    everything = [id for part in PARTS for id in getattr(fold, part)]
    if unknown := sorted(set(everything) - emotions.keys()):
        raise ProtocolError(
            f"{where}: {len(unknown)} of its utterances are not among the usable ones of {corpus.name}: "
            f"{listed(unknown)}. Make the folds anew, or see skipped.csv."
        )
    if repeated := _repeated(everything):
        raise ProtocolError(f"{where}: more than once in train, dev and test together: {listed(repeated)}.")
    warnings = []
    for part in parts:
        ids = getattr(fold, part)
        if not ids:
            raise ProtocolError(f"{where}: the {part} part is empty.")
        present = {emotions[id] for id in ids}
        missing = [name for name in corpus.classes if name not in present]
        if missing and part == "train":
            raise ProtocolError(f"{where}: no training utterance is {listed(missing)}, so it cannot be learnt.")
        if missing:
            warnings.append(
                f"Fold {fold.name}: no {part} utterance is {listed(missing)}; its UA is over the classes present."
            )
    return warnings


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]
