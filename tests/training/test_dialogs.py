"""Which turns stand before an utterance in its dialog, and how they come into its batch."""

import numpy as np
import pytest
import torch

from mtser.corpora.turns import preceding_turns
from mtser.features.extractor import FrameExtractor
from mtser.features.utterance_input import UtteranceFrames
from mtser.training.data import ModelData
from tests.helpers.synthetic import EMOTIONS, SyntheticSource, said, word_frames


def turn(id: str, start: float | None, dialog: str | None = "d", emotion: str = "sad"):  # noqa: ANN201
    return said("oh no", id, emotion=emotion, dialog=dialog, start=start)


def rows_of(ragged) -> list[list[int]]:  # noqa: ANN001
    return [part.tolist() for part in ragged.values.split(ragged.lengths.tolist())]


def test_the_last_turns_before_it_in_order_of_time_and_itself() -> None:
    spoken = [turn("c", 3.0), turn("a", 1.0), turn("d", 4.0), turn("b", 2.0)]
    assert rows_of(preceding_turns(spoken, 2)) == [[1, 3, 0], [1], [3, 0, 2], [1, 3]]


def test_neither_later_turns_nor_other_dialogs_nor_turns_that_begin_together() -> None:
    spoken = [turn("a", 1.0), turn("b", 1.0), turn("c", 2.0, dialog="other"), turn("d", None), turn("e", 5.0, None)]
    assert rows_of(preceding_turns(spoken, 9)) == [[0], [1], [2], [3], [4]]


def test_each_turn_is_in_a_batch_once_and_context_is_never_judged() -> None:
    spoken = [turn("a", 1.0), turn("b", 2.0), turn("c", 9.0, dialog="other")]
    context = [turn("x", 0.5, emotion=""), turn("y", 1.5, emotion="")]
    data = ModelData(spoken, EMOTIONS, 128, "cpu", n_preceding=5, context=context)
    frames = word_frames()
    data.load([frames], SyntheticSource(data.utterances))  # type: ignore[arg-type]
    labelled = data.batch(np.array([1, 0]))
    assert labelled.rows.tolist() == [1, 0] and labelled.labels.tolist() == [2, 2]
    assert labelled.batch.turns is not None
    needed = [0, 1, 3, 4]  # a, b, x, y, each once
    assert len(labelled.batch) == 4
    assert [[needed[at] for at in row] for row in rows_of(labelled.batch.turns)] == [[3, 0, 4, 1], [3, 0]]
    expected = data.tables(np.array(needed))[frames]
    assert torch.equal(labelled.batch[frames].values, expected.values)


def test_models_without_dialogs_have_no_context() -> None:
    data = ModelData([turn("a", 1.0)], EMOTIONS, 128, "cpu", context=[turn("x", 0.5, emotion="")])
    assert len(data.utterances) == 1 and data.batch(np.array([0])).batch.turns is None


@pytest.mark.parametrize("max_frames", [None, 10])
def test_a_row_an_utterance_is_selected_by_utterance_and_gives_the_length(max_frames: int | None) -> None:
    spoken = [said("oh no", "a"), said("oh", "b"), said("oh no oh", "c")]
    data = ModelData(spoken, EMOTIONS, 128, "cpu")
    extractor: FrameExtractor = word_frames().extractor
    frames, words = UtteranceFrames(extractor, normalise="none", max_frames=max_frames), word_frames()
    source = SyntheticSource(spoken)
    assert (data.lengths == [2, 1, 3]).all()
    data.load([frames, words], source)  # type: ignore[arg-type]
    stored = source.features(extractor)
    n_frames = [min(len(stored[id]), max_frames or 999) for id in "abc"]
    assert data.lengths.tolist() == n_frames
    batch = data.batch(np.array([2, 0])).batch
    assert batch[frames].lengths.tolist() == [n_frames[2], n_frames[0]] and len(batch[words]) == 5
    np.testing.assert_array_equal(
        batch[frames].values, np.concatenate([stored["c"][:max_frames], stored["a"][:max_frames]])
    )
    assert frames.cut == {
        "utterances longer than max_frames": 0
        if max_frames is None
        else sum(len(stored[id]) > max_frames for id in "abc")
    }
