"""Utterances whose sound and words tell their class, more or less."""

from typing import Any

import numpy as np
import torch

from mtser.classical import ClassicalModel, Part, ScaledFunctionals, TfIdf
from mtser.features import UtteranceExtractor, UtteranceFeatures
from mtser.ragged import Ragged
from tests.helpers.synthetic import EMOTIONS, said


class Five(UtteranceExtractor):
    """Five functionals that nobody computes."""

    dimension = 5

    def settings(self) -> dict[str, Any]:
        return {"class": "Five"}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        raise AssertionError("these tests bring their own numbers")


FEATURES = UtteranceFeatures(Five())


def part(n: int, seed: int, sound: float = 2.0, words: float = 0.6, n_classes: int = 4) -> Part:
    """``n`` utterances; ``sound`` is how far classes are apart in sound, ``words`` how often a word tells the class."""
    random = np.random.default_rng(seed)
    labels = np.arange(n) % n_classes
    values = random.normal(3, 2, (n, 5))
    values[np.arange(n), labels] += 2 * sound
    utterances = []
    for number, label in enumerate(labels):
        spoken = [f"any{index}" for index in random.integers(9, size=3)]
        if random.uniform() < words:
            spoken[1] = f"word{label}"
        utterances.append(said(" ".join(spoken), f"u{seed}_{number}", emotion=EMOTIONS[label]))
    return Part(utterances, {FEATURES: Ragged(torch.from_numpy(values).float(), np.ones(n, np.int64))}, labels)


def classical(**options: Any) -> ClassicalModel:
    """Both modalities, with few strengths to choose from; options replace these."""
    return ClassicalModel(
        **{"audio": ScaledFunctionals(FEATURES), "text": TfIdf(), "strengths": [0.3, 3.0, 30.0], **options}
    )
