"""The protocol ``dialogs_5fold``: whole dialogs, whoever speaks in them, for systems that read what was said before."""

from itertools import chain

from mtser.corpora.corpus import Corpus
from mtser.training.folds import Fold, Folds
from mtser.training.groups import ids_of, like_groups
from mtser.training.protocols import protocol

_N = 10


@protocol("dialogs_5fold")
def dialogs_5fold(corpus: Corpus) -> Folds:
    """Ten groups of whole dialogs, alike in size and classes: test two, dev the next one (cyclic), train the others.

    Speakers are not held apart, which :func:`~.checked_folds.check_folds` tells.

    Raises
    ------
    ProtocolNotApplicableError
        If the corpus has fewer than ten dialogs, or no class has ten utterances.
    """
    tenths = like_groups(corpus, "dialog", _N)
    folds = []
    for number in range(_N // 2):
        own, dev, *others = (tenths[(2 * number + i) % _N] for i in (0, *range(2, _N)))
        test = own + tenths[2 * number + 1]
        folds.append(Fold(f"dialogs_{number + 1}", ids_of([*chain(*others)]), ids_of(dev), ids_of(test)))
    return Folds("dialogs_5fold", tuple(folds))
