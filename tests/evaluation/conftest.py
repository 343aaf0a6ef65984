"""Predictions to test with."""

from collections.abc import Callable

import numpy as np
import pytest

from mtser.evaluation import Predictions

CLASSES = ("neutral", "happy", "sad", "angry")


@pytest.fixture
def make_predictions() -> Callable[..., tuple[Predictions, dict[str, str]]]:
    """A function that makes predictions of one seed, and the speakers of the utterances; always the same truth."""

    def make(seed=1, n_speakers=10, each=12, n_folds=5, strength=1.5, classes=CLASSES, shuffle=False):
        truth_of, answers = np.random.default_rng(99), np.random.default_rng(seed)
        ids = [f"s{speaker:02d}_{i:03d}" for speaker in range(n_speakers) for i in range(each)]
        folds = [f"fold_{int(id[1:3]) * n_folds // n_speakers + 1}" for id in ids]
        truth = truth_of.integers(0, len(classes), len(ids))
        scores = answers.normal(size=(len(ids), len(classes))) + strength * np.eye(len(classes))[truth]
        probabilities = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        order = answers.permutation(len(ids)) if shuffle else np.arange(len(ids))
        predictions = Predictions(
            [ids[i] for i in order],
            [folds[i] for i in order],
            np.full(len(ids), seed),
            truth[order],
            probabilities.argmax(1)[order],
            probabilities[order],
            classes,
        )
        return predictions, {id: id[:3] for id in ids}

    return make
