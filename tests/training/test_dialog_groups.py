from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from mtser.corpora.corpus import Corpus
from mtser.errors import ProtocolError
from mtser.training.protocols import make_folds, protocols_for
from tests.training.test_protocols import CLASSES, corpus_of


def of_dialogs(n_dialogs: int = 40) -> Corpus:
    """A corpus in which every session has dialogs of uneven length, and both of its speakers are in each."""
    corpus, draw = corpus_of(each=60), np.random.default_rng(1)
    share = draw.dirichlet(np.full(n_dialogs // 5, 5.0))

    def dialog(session: str | None) -> str:
        return f"{session}_{draw.choice(len(share), p=share)}"

    return replace(corpus, utterances=tuple(replace(one, dialog=dialog(one.session)) for one in corpus.utterances))


def test_a_fifth_of_the_dialogs_is_tested_and_none_is_torn() -> None:
    corpus = of_dialogs()
    folds = make_folds(corpus, "dialogs_5fold")
    dialog = {one.id: one.dialog for one in corpus.utterances}
    emotion = {one.id: one.emotion for one in corpus.utterances}
    assert folds.names() == tuple(f"dialogs_{number}" for number in range(1, 6))
    assert Counter(id for fold in folds.folds for id in fold.test) == Counter(dialog.keys())
    for fold in folds.folds:
        own = [{dialog[id] for id in part} for part in (fold.train, fold.dev, fold.test)]
        assert sum(map(len, own)) == len(set(dialog.values())) == len(set().union(*own))
        assert {*fold.train, *fold.dev, *fold.test} == dialog.keys()
        for name in CLASSES:
            dev, test = (sum(emotion[id] == name for id in part) for part in (fold.dev, fold.test))
            assert dev == pytest.approx(60, abs=20) and test == pytest.approx(120, abs=30)  # of 600
    assert folds.warnings == (
        "Of the 10 test speakers 10 are also in the training or dev part of the fold that tests them, so the numbers "
        "are too good for new speakers.",
    )


def test_the_order_of_the_utterances_does_not_matter() -> None:
    corpus = of_dialogs()
    assert make_folds(replace(corpus, utterances=corpus.utterances[::-1]), "dialogs_5fold") == make_folds(
        corpus, "dialogs_5fold"
    )


def test_it_needs_ten_dialogs_of_all_utterances() -> None:
    assert "dialogs_5fold" in protocols_for(of_dialogs()) and "dialogs_5fold" not in protocols_for(corpus_of())
    with pytest.raises(ProtocolError, match=r"cannot feed dialogs_5fold\. It has no dialogs\. It can feed: loso"):
        make_folds(corpus_of(), "dialogs_5fold")
    with pytest.raises(ProtocolError, match=r"It has 5 dialogs; 10 groups need 10\."):
        make_folds(of_dialogs(5), "dialogs_5fold")
    first, *others = of_dialogs().utterances
    some = replace(of_dialogs(), utterances=(replace(first, dialog=None), *others))
    with pytest.raises(ProtocolError, match=f"Its utterance {first.id} has no dialog"):
        make_folds(some, "dialogs_5fold")
