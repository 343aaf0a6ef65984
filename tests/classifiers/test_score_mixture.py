import numpy as np
import pytest
import torch
from scipy.special import softmax

from mtser.classifiers import ScoreMixture
from mtser.encoders import Batch
from mtser.errors import ConfigError

RANDOM = np.random.default_rng(0)
SOUND, WORDS = RANDOM.normal(size=(5, 3)), RANDOM.normal(size=(5, 3))


def mixed(mixture: ScoreMixture, *scores: np.ndarray) -> np.ndarray:
    """Probabilities."""
    sequences = {name: Batch.vectors(torch.from_numpy(one)) for name, one in zip("ab", scores, strict=False)}
    return torch.softmax(mixture(sequences), 1).numpy()


def test_late_is_the_mean_of_probabilities() -> None:
    mixture = ScoreMixture(3)
    mixture.share.fill_(0.35)
    expected = 0.35 * softmax(SOUND, 1) + 0.65 * softmax(WORDS, 1)
    np.testing.assert_allclose(mixed(mixture, SOUND, WORDS), expected, rtol=0, atol=1e-12)


def test_early_is_one_classifier_over_both() -> None:
    np.testing.assert_allclose(
        mixed(ScoreMixture(3, "early"), SOUND, WORDS), softmax(SOUND + WORDS, 1), rtol=0, atol=1e-12
    )


def test_one_modality_alone() -> None:
    for fusion in ("late", "early"):
        np.testing.assert_allclose(mixed(ScoreMixture(3, fusion), WORDS), softmax(WORDS, 1), rtol=0, atol=1e-12)


def test_a_class_that_neither_knows_has_no_probability() -> None:
    never = np.array([[0.0, -1e9, 1.0]])
    mixture = ScoreMixture(3)
    mixture.share.fill_(0.5)
    found = mixed(mixture, never, never)
    assert found[0, 1] == 0 and found.sum() == pytest.approx(1)


def test_what_there_is_not() -> None:
    with pytest.raises(ConfigError, match="fusion is 'middle'; it can be late or early"):
        ScoreMixture(3, "middle")
