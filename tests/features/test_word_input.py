"""The frames of words as an input of a model: against a slow loop over utterances and words."""

import json
from dataclasses import replace

import numpy as np
import pytest

from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError
from mtser.features import TorchMFCC, WordFrames
from mtser.ragged import Ragged
from tests.helpers.synthetic import SyntheticSource, random_utterances

UTTERANCES = random_utterances(8)


def slow_rows(utterances: list[Utterance], features: WordFrames) -> list[np.ndarray]:
    """The raw frames of every word, by the definition: those whose centre lies in the word, else the nearest."""
    stored = SyntheticSource(UTTERANCES).features(features.extractor)
    rows = []
    for one in utterances:
        centres = np.arange(len(stored[one.id])) * stored.frame_step + stored.frame_length / 2
        for word in one.words:
            inside = np.flatnonzero((word.start <= centres) & (centres < word.end))
            if not len(inside):
                inside = np.array([np.argmin(np.abs(centres - (word.start + word.end) / 2))])
            rows.append(stored[one.id][inside[: features.max_frames]].astype(np.float64))
    return rows


def loaded(features: WordFrames, utterances: list[Utterance] = UTTERANCES) -> Ragged:
    return features.load(utterances, SyntheticSource(UTTERANCES))  # type: ignore[arg-type]


def assert_rows(table: Ragged, expected: list[np.ndarray]) -> None:
    assert table.lengths.tolist() == [len(row) for row in expected]
    np.testing.assert_allclose(table.values.numpy(), np.concatenate(expected), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("by", ["none", "train"])  # the encoder knows the training part, this input does not
@pytest.mark.parametrize("max_frames", [64, 5, 1])
def test_rows_as_the_slow_loop(by: str, max_frames: int) -> None:
    features = WordFrames(TorchMFCC(), normalise=by, max_frames=max_frames)  # type: ignore[arg-type]
    table = loaded(features)
    assert_rows(table, slow_rows(UTTERANCES, features))
    assert table.values.dtype.is_floating_point and table.values.element_size() == 4


@pytest.mark.parametrize("by", ["speaker", "utterance"])
def test_normalised_by_its_own_frames(by: str) -> None:
    features = WordFrames(TorchMFCC(), normalise=by)  # type: ignore[arg-type]
    owner = [one.speaker if by == "speaker" else one.id for one in UTTERANCES for _ in one.words]
    rows = slow_rows(UTTERANCES, features)
    expected = []
    for row, name in zip(rows, owner, strict=True):
        own = np.concatenate([other for other, its in zip(rows, owner, strict=True) if its == name])
        std = own.std(axis=0)
        expected.append((row - own.mean(axis=0)) / np.where(std > 1e-6, std, 1))
    assert_rows(loaded(features), expected)


def test_any_utterances_in_any_order() -> None:
    features = WordFrames(TorchMFCC(), normalise="none")
    some = [UTTERANCES[row] for row in (5, 0, 3)]
    shorter = [replace(one, words=one.words[:2]) for one in some]  # cut to max_words
    assert_rows(loaded(features, shorter), slow_rows(shorter, features))


def test_what_is_cut_is_counted() -> None:
    features = WordFrames(TorchMFCC(), max_frames=5)
    assert not features.cut
    loaded(features)
    lengths = [len(row) for row in slow_rows(UTTERANCES, WordFrames(TorchMFCC(), max_frames=10**6))]
    assert features.cut == {
        "words longer than max_frames": sum(length > 5 for length in lengths),
        "frames behind max_frames": sum(max(length - 5, 0) for length in lengths),
    }
    assert features.cut["frames behind max_frames"] > 0


def test_key_tells_all_that_determines_the_data() -> None:
    made = [
        WordFrames(TorchMFCC()),
        WordFrames(TorchMFCC(), normalise="none"),
        WordFrames(TorchMFCC(), max_frames=63),
        WordFrames(TorchMFCC(frame_step=0.010)),
    ]
    assert len({one.key() for one in made}) == len(made)
    assert WordFrames(TorchMFCC()).key() == made[0].key()
    assert json.loads(made[0].key())


def test_unknown_normalisation() -> None:
    with pytest.raises(ConfigError, match="train, speaker, utterance or none"):
        WordFrames(TorchMFCC(), normalise="session")  # type: ignore[arg-type]
