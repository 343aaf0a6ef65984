"""Early and late fusion, against slow computations."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from mtser.errors import ConfigError, ModelError
from mtser.fusion import EarlyFusion, LateFusion
from mtser.sequence import Sequence, Sequences
from tests.helpers.synthetic import random_words

N_WORDS = [4, 1, 3]
WIDTHS = {"text": 5, "audio": 3}


def sequences(on_padding: float = float("nan")) -> Sequences:
    words = random_words(N_WORDS, 5, 0, on_padding)
    vectors = random_words([1, 1, 1], 3, 1)
    return {"audio": Sequence(vectors.features, vectors.lengths, "utterance"), "text": words}


def block(kind: type, **options: Any) -> Any:
    torch.manual_seed(0)
    return kind(WIDTHS, size=12, **options).double()


def relu_of(layer: nn.Linear, vector: np.ndarray) -> np.ndarray:
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    return np.array(
        [
            max(0.0, sum(w * x for w, x in zip(row, vector, strict=True)) + b)
            for row, b in zip(weight, bias, strict=True)
        ]
    )


def items(row: int, name: str) -> list[np.ndarray]:
    sequence = sequences()[name]
    return [sequence.features[row, item].numpy() for item in range(int(sequence.lengths[row]))]


def test_early_as_computed_slowly() -> None:
    fusion = block(EarlyFusion)
    found = fusion(sequences()).detach().numpy()
    for row, n_words in enumerate(N_WORDS):
        (audio,) = items(row, "audio")
        each = [relu_of(fusion.layer, np.concatenate([word, audio])) for word in items(row, "text")]
        np.testing.assert_allclose(found[row], sum(each) / n_words, rtol=0, atol=1e-12)
    assert (found > 0).any()


def test_late_as_computed_slowly() -> None:
    fusion = block(LateFusion)
    found = fusion(sequences()).detach().numpy()
    for row in range(len(N_WORDS)):
        own = []
        for name in WIDTHS:
            each = [relu_of(fusion.layers[name], item) for item in items(row, name)]
            own.append(sum(each) / len(each))
        np.testing.assert_allclose(found[row], np.concatenate(own), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", [EarlyFusion, LateFusion])
def test_padding_counts_nothing_and_every_parameter_learns(kind: type) -> None:
    fusion = block(kind)
    torch.testing.assert_close(fusion(sequences()), fusion(sequences(on_padding=99.0)), rtol=0, atol=0)
    together = sequences()
    for row in range(len(N_WORDS)):
        alone = {
            name: Sequence(one.features[row : row + 1, : int(one.lengths[row])], one.lengths[row : row + 1], one.unit)
            for name, one in together.items()
        }
        torch.testing.assert_close(fusion(alone)[0], fusion(together)[row], rtol=0, atol=1e-12)
    fusion(together).square().sum().backward()
    for name, parameter in fusion.named_parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize("kind", [EarlyFusion, LateFusion])
def test_only_early_fusion_lets_them_meet(kind: type) -> None:
    """What a change of sound does to the vector depends on the words, or does not."""
    fusion, together = block(kind), sequences(0.0)
    other = {**together, "audio": together["audio"].with_features(together["audio"].features + 1.0)}
    words = {name: one.with_features(-one.features) if name == "text" else one for name, one in together.items()}
    both = {**words, "audio": other["audio"]}
    effects = [fusion(other) - fusion(together), fusion(both) - fusion(words)]
    assert torch.allclose(*effects) == (kind is LateFusion)


def test_words_of_all_modalities_and_vectors_alone() -> None:
    together = {"text": random_words(N_WORDS, 5, 0), "audio": random_words(N_WORDS, 3, 1)}
    fusion = block(EarlyFusion)
    expected = [
        torch.relu(fusion.layer(torch.cat([together[name].features[row, :n] for name in WIDTHS], 1))).mean(0)
        for row, n in enumerate(N_WORDS)
    ]
    torch.testing.assert_close(fusion(together), torch.stack(expected), rtol=0, atol=1e-12)
    vectors = {name: Sequence(one.features[:, :1], torch.ones(3).long(), "utterance") for name, one in together.items()}
    assert fusion(vectors).shape == block(LateFusion)(vectors).shape == (3, 12)


def test_what_does_not_fit_is_refused() -> None:
    frames = {**sequences(), "audio": Sequence(torch.zeros(3, 9, 3).double(), torch.tensor([9, 9, 9]), "frame")}
    with pytest.raises(ModelError, match="audio has one a frame, another modality one a word"):
        block(EarlyFusion)(frames)
    assert block(LateFusion)(frames).shape == (3, 12)
    with pytest.raises(ConfigError, match=r"size of the late fusion is 7; it has to be a multiple of 2\."):
        LateFusion(WIDTHS, size=7)
    for kind in (EarlyFusion, LateFusion):
        with pytest.raises(ConfigError, match="fusion needs the modalities"):
            kind({})


def test_widths_are_told() -> None:
    for kind in (EarlyFusion, LateFusion):
        assert (block(kind).input_sizes, block(kind).output_size) == (WIDTHS, 12)
