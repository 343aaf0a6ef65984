"""The folds inside of a fold: settings are chosen by them without its test part."""

from dataclasses import replace

from mtser.corpora.corpus import Corpus
from mtser.errors import ProtocolError
from mtser.training.folds import Fold, Folds
from mtser.training.protocols import make_folds


def inner_folds(corpus: Corpus, folds: Folds, number: int, protocol: str | None) -> Folds:
    """Divide what a fold trains and selects by once more, by the same protocol.

    Each inner fold selects by what the protocol would test, and trains on all the rest. Under ``loso`` with five
    sessions: fold k has four other sessions; each of them is the dev part of one inner fold, the other three are its
    training part. No inner fold has anything of the outer fold's test part, nor a test part of its own.

    Parameters
    ----------
    corpus, folds
        The corpus and how the protocol divides it.
    number
        Of the outer fold, from 1.
    protocol
        As ``--protocol`` says it: its name, or the dotted path of a function; None for that of ``folds``.

    Returns
    -------
    Folds
        ``protocol`` is that of ``folds``.

    Raises
    ------
    ProtocolError
        If there is no such fold, or what is left of the corpus cannot be divided by the protocol.
    """
    (outer,) = folds.select([number])
    left = {*outer.train, *outer.dev}
    rest = replace(corpus, utterances=tuple(one for one in corpus.utterances if one.id in left), skipped=())
    try:
        inner = make_folds(rest, protocol or folds.protocol)
    except ProtocolError as error:
        raise type(error)(
            f"what fold {outer.name} trains and selects by cannot be divided again by {folds.protocol}, as a nested "
            f"choice does ({error}) Choose another protocol, or tune on another corpus than you report."
        ) from error
    parts = tuple(Fold(fold.name, (*fold.train, *fold.dev), fold.test, ()) for fold in inner.folds)
    return replace(inner, folds=parts)
