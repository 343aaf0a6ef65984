"""The protocol ``official``: train, dev and test as the corpus's makers divided it."""

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import PARTITIONS
from mtser.errors import ProtocolError, ProtocolNotApplicableError
from mtser.training.folds import Fold, Folds
from mtser.training.protocols import protocol


@protocol("official")
def official(corpus: Corpus) -> Folds:
    """One fold: the partitions that the corpus brings along (``Utterance.partition``).

    Speakers of the test part that are in training or dev, too, are counted in a warning: not all makers kept them
    apart.

    Raises
    ------
    ProtocolNotApplicableError
        If the corpus has no partitions, or one of the three is empty.
    ProtocolError
        If an utterance has another partition.
    """
    parts: dict[str, list[str]] = {name: [] for name in PARTITIONS}
    speakers: dict[str, set[str]] = {name: set() for name in PARTITIONS}
    for utterance in corpus.utterances:
        if utterance.partition is not None and utterance.partition not in parts:
            raise ProtocolError(f"Its utterance {utterance.id} has the partition {utterance.partition!r}.")
        if utterance.partition is not None:
            parts[utterance.partition].append(utterance.id)
            speakers[utterance.partition].add(utterance.speaker)
    if not any(parts.values()):
        raise ProtocolNotApplicableError("Its makers did not divide it into train, dev and test.")
    if empty := [name for name in PARTITIONS if not parts[name]]:
        raise ProtocolNotApplicableError(f"Its official partition {empty[0]} has no usable utterance.")
    known = speakers["test"] & (speakers["train"] | speakers["dev"])
    warnings: tuple[str, ...] = ()
    if known:
        n_known = sum(one.partition == "test" and one.speaker in known for one in corpus.utterances)
        warnings = (
            f"The official partitions share speakers: {len(known)} of the {len(speakers['test'])} test speakers, with "
            f"{n_known} of {len(parts['test'])} test utterances, are in training or dev, too.",
        )
    fold = Fold("official", *(tuple(parts[name]) for name in PARTITIONS))
    return Folds("official", (fold,), warnings, tells_of_known_speakers=bool(known))
