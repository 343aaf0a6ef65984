"""The protocol ``speakers_5fold``: five groups of speakers, for corpora with more of them than anybody trains folds."""

from collections.abc import Iterable

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.training.folds import Folds
from mtser.training.groups import leave_one_out, like_groups
from mtser.training.protocols import protocol

_N = 5


@protocol("speakers_5fold")
def speakers_5fold(corpus: Corpus) -> Folds:
    """Five groups of speakers, alike in size and classes: test one, dev the next one (cyclic), train the others.

    Raises
    ------
    ProtocolNotApplicableError
        If the corpus has fewer than five speakers, or no class has five utterances.
    """
    groups = {str(number): members for number, members in enumerate(like_groups(corpus, "speaker", _N), 1)}
    dev = {str(number): str(number % _N + 1) for number in range(1, _N + 1)}
    return Folds("speakers_5fold", leave_one_out("speakers", groups, dev), _shared_rooms(groups.values()))


def _shared_rooms(groups: Iterable[list[Utterance]]) -> tuple[str, ...]:
    """A warning where people of one session, who were in the same room, are in different groups."""
    where: dict[str, set[int]] = {}
    for number, members in enumerate(groups):
        for one in members:
            if one.session is not None:
                where.setdefault(one.session, set()).add(number)
    if not (shared := sum(len(found) > 1 for found in where.values())):
        return ()
    some = "1 session is" if shared == 1 else f"{shared} sessions are"
    return (f"{some} in more than one group: partners of test speakers are in training or dev.",)
