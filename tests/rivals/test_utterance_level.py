"""Spectrogram and phonemes, BERT and functionals whole: one vector an utterance on a side, from their files."""

import numpy as np
import pytest

from tests.helpers import slow, slow_rivals
from tests.helpers.slow import W
from tests.helpers.whole import Read, compare, normalised, read, whole


def behind(w: W, vector: np.ndarray) -> np.ndarray:
    """The full system's joint vector and classifier."""
    return slow.classifier(slow.part(w, "classifier"), slow.joint(slow.part(w, "fusion.1"), vector))


def phoneme_spectrogram(w: W, data: Read) -> np.ndarray:
    """Four shapes of filters over the spectrogram, four widths along the phones, the spectrogram's first."""
    audio, (phones,) = slow.part(w, "encoders.audio"), data["text"]
    (frames,) = normalised(audio, data["audio"][0])
    shapes = [[6, 8], [9, 12], [12, 16], [15, 20]]  # bands x frames
    heard = slow_rivals.spectrogram_filters(audio, frames, shapes, stride=(4, 8))
    said = slow_rivals.phone_filters(slow.part(w, "encoders.text"), phones.values.tolist(), widths=(2, 3, 4, 5))
    return behind(w, np.concatenate([heard, said]))


def given(w: W, data: Read) -> tuple[np.ndarray, np.ndarray]:
    """The words, mapped, and the functionals."""
    text = slow.part(w, "encoders.text")
    words = np.array([slow.linear(slow.part(text, "linear"), one[0]) for one in normalised(text, data["text"][0])])
    (functionals,) = normalised(slow.part(w, "encoders.audio"), data["audio"][0])
    assert (words.shape[1], functionals.shape) == (128, (1, 88))
    return words, functionals[0]


def relu(w: W, vector: np.ndarray) -> np.ndarray:
    return np.maximum(slow.linear(w, vector), 0)


def early(w: W, data: Read) -> np.ndarray:
    """The functionals stand behind every word, one layer sees both, the mean over the words goes on."""
    words, functionals = given(w, data)
    layer = slow.part(w, "fusion.0.layer")
    return behind(
        w, slow.aggregate(np.array([relu(layer, np.concatenate([one, functionals])) for one in words]), "mean")
    )


def late(w: W, data: Read) -> np.ndarray:
    """A layer a modality, the mean over the words, and only the classifier sees both, the text's first."""
    words, functionals = given(w, data)
    text, audio = (slow.part(w, f"fusion.0.layers.{name}") for name in ("text", "audio"))
    said = slow.aggregate(np.array([relu(text, one) for one in words]), "mean")
    return behind(w, np.concatenate([said, relu(audio, functionals)]))


def test_spectrogram_and_phonemes() -> None:
    system = whole("phoneme_spectrogram")
    compare(system, lambda w, row: {"logits": phoneme_spectrogram(w, read(system, row))})


@pytest.mark.parametrize("kind", ["early", "late"])
def test_word_vectors_and_functionals(kind: str) -> None:
    overrides = {"interaction": "blocks/fusion/late_fusion.yaml"} if kind == "late" else {}
    system, logits = whole("bert_functionals", overrides), {"early": early, "late": late}[kind]
    compare(system, lambda w, row: {"logits": logits(w, read(system, row))})
