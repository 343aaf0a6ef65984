"""The last checks of every reader."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError


def require_usable(corpus: Corpus, expected: str, place: Path | None = None) -> Corpus:
    """Return the corpus if it holds an utterance.

    Parameters
    ----------
    corpus
        As read.
    expected
        The files that a reader looks for, for the error.
    place
        What the error names; default: the corpus's folder.

    Raises
    ------
    CorpusError
        If all utterances were left out, with the most frequent reasons and what was found of one that has the first.
    """
    if corpus.utterances:
        return corpus
    counts = corpus.skipped_reasons()
    reasons = [f"{count} × {reason}" for reason, count in counts.items()][:3]
    if example := next((one.detail for one in corpus.skipped if one.detail and one.reason == next(iter(counts))), ""):
        reasons[0] += f" (such as {example})"
    found = f"left out were {', '.join(reasons)}" if reasons else "nothing was found"
    raise CorpusError(f"{place or corpus.root}: no usable utterance; {found}; expected {expected}.")


def missing_classes(utterances: Iterable[Utterance], classes: Sequence[str]) -> list[str]:
    """A warning for every class of which no utterance is left."""
    present = {utterance.emotion for utterance in utterances}
    return [f"No utterance is left of the class {name}." for name in classes if name not in present]
