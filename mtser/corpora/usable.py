"""The last checks of every reader."""

from collections.abc import Iterable, Sequence

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError


def require_usable(corpus: Corpus, expected: str) -> Corpus:
    """Return the corpus if it holds an utterance.

    Parameters
    ----------
    corpus
        As read.
    expected
        The files that a reader looks for, for the error.

    Raises
    ------
    CorpusError
        If all utterances were left out, with the most frequent reasons.
    """
    if corpus.utterances:
        return corpus
    reasons = [f"{count} × {reason}" for reason, count in corpus.skipped_reasons().items()][:3]
    found = f"left out were {', '.join(reasons)}" if reasons else "nothing was found"
    raise CorpusError(f"{corpus.root}: no usable utterance; {found}; expected {expected}.")


def missing_classes(utterances: Iterable[Utterance], classes: Sequence[str]) -> list[str]:
    """A warning for every class of which no utterance is left."""
    present = {utterance.emotion for utterance in utterances}
    return [f"No utterance is left of the class {name}." for name in classes if name not in present]
