"""Recordings that are in several parts of a fold under different ids."""

from collections import Counter
from collections.abc import Mapping, Sequence

from mtser.training.folds import Folds


def copies_across_parts(folds: Folds, hashes: Mapping[str, str]) -> tuple[str, ...]:
    """Warnings of utterances that are judged although the same audio file was learned from.

    Parameters
    ----------
    folds
        How the corpus is divided.
    hashes
        Utterance id → SHA-256 of its audio file. Copies that were converted or cut are not found.

    Example
    -------
    >>> from mtser.training.folds import Fold
    >>> folds = Folds("mine", (Fold("1", ("a", "b"), ("c",), ("d",)),))
    >>> copies_across_parts(folds, {"a": "5e3b", "b": "99ab", "c": "0d01", "d": "5e3b"})[0][:56]
    '1 test utterance is a copy of what is in training or dev'
    """
    counts = Counter(hashes.values())
    hashes = {id: sha256 for id, sha256 in hashes.items() if counts[sha256] > 1}
    if not hashes:  # as of nearly every corpus, however many folds there are
        return ()
    tested, chosen_by = [], []
    for fold in folds.folds:
        tested += _pairs(fold.test, (*fold.train, *fold.dev), hashes)
        chosen_by += _pairs(fold.dev, fold.train, hashes)
    return (
        *_told("test utterance", "training or dev", tested, "The numbers are too good for new recordings."),
        *_told("dev utterance", "training", chosen_by, "Epochs are chosen by what is known by heart."),
    )


def _pairs(judged: Sequence[str], learned: Sequence[str], hashes: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is judged, each with what it is a copy of."""
    known = {hashes[id]: id for id in reversed(learned) if id in hashes}
    return [(id, known[hashes[id]]) for id in judged if hashes.get(id) in known]


def _told(which: str, where: str, pairs: Sequence[tuple[str, str]], so: str) -> tuple[str, ...]:
    if not pairs:
        return ()
    are = f"1 {which} is a copy" if len(pairs) == 1 else f"{len(pairs)} {which}s are copies"
    copy, of = pairs[0]
    return (
        f"{are} of what is in {where} (the same audio file, byte by byte; the first: {copy} is {of}). {so} Take copies "
        "out of the corpus, or keep them in one part with --folds_file.",
    )
