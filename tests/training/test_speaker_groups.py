import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mtser.corpora.corpus import Corpus
from mtser.errors import ProtocolError
from mtser.training.protocols import make_folds
from tests.training.test_protocols import CLASSES, corpus_of, utterance


def test_groups_of_speakers_are_alike_in_size_and_classes() -> None:
    draw = np.random.default_rng(0)
    said = [
        utterance(f"{speaker}_{i}", f"p{speaker}", CLASSES[int(draw.integers(3)) if speaker % 3 else speaker % 2])
        for speaker in range(60)
        for i in range(int(draw.integers(2, 30)))
    ]
    corpus = Corpus("toy", Path("/toy"), CLASSES, tuple(said))
    folds = make_folds(corpus, "speakers_5fold")
    assert folds.names() == tuple(f"speakers_{number}" for number in range(1, 6)) and folds.warnings == ()
    assert [fold.dev for fold in folds.folds] == [folds.folds[number % 5].test for number in range(1, 6)]
    emotion = {one.id: one.emotion for one in said}
    counts = np.array([[sum(emotion[id] == name for id in fold.test) for name in CLASSES] for fold in folds.folds])
    assert (counts.std(0) < 0.1 * counts.mean(0)).all()


def test_groups_of_speakers_need_five_and_tell_who_was_in_the_same_room() -> None:
    few = corpus_of(n_sessions=2, sessions=False)
    with pytest.raises(ProtocolError, match=r"cannot feed speakers_5fold\. It has 4 speakers; 5 groups need 5\."):
        make_folds(few, "speakers_5fold")
    told = make_folds(corpus_of(), "speakers_5fold").warnings[0]
    assert re.fullmatch(
        r"(1 session is|\d sessions are) in more than one group: partners of test speakers are in training or dev\.",
        told,
    )
    rooms = corpus_of()
    alone = tuple(replace(one, session=one.speaker) for one in rooms.utterances)
    assert make_folds(replace(rooms, utterances=alone), "speakers_5fold").warnings == ()
