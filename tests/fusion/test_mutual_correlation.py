"""Attention with corrected keys, against plain loops."""

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError, ModelError
from mtser.fusion import MutualCorrelation
from mtser.sequence import Sequence, Sequences
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_words

N_ITEMS = [4, 1, 3]
WIDTHS = {"audio": 3, "text": 6}
NAN = float("nan")
N_HEADS = 2


def made(positions: str = "sinusoidal", n_layers: int = 2) -> MutualCorrelation:
    torch.manual_seed(0)
    options = {"size": 6, "n_heads": N_HEADS, "n_layers": n_layers, "positions": positions}
    return MutualCorrelation(WIDTHS, **options).double()  # type: ignore[arg-type]


def items(unit: str = "word", on_padding: float = NAN) -> Sequences:
    made = {name: random_words(N_ITEMS, width, width, on_padding) for name, width in WIDTHS.items()}
    return {name: Sequence(one.features, one.lengths, unit) for name, one in made.items()}


@pytest.mark.parametrize("unit", ["word", "turn"])
@pytest.mark.parametrize("positions", ["sinusoidal", "none"])
def test_as_the_slow_loop(unit: str, positions: str) -> None:
    block, sequences = made(positions), items(unit)
    w = slow.weights(block)
    found = block(sequences)
    for row, n in enumerate(N_ITEMS):
        x = {name: one.features[row, :n].numpy() for name, one in sequences.items()}
        x["audio"] = np.array([slow.linear(slow.part(w, "project.audio"), one) for one in x["audio"]])
        if positions == "sinusoidal":
            places = [n - 1 - i if unit == "turn" else i for i in range(n)]
            x = {name: one + np.array([slow.sinusoid(place, 6) for place in places]) for name, one in x.items()}
        for layer in range(2):
            x = slow_rivals.correlated(slow.part(w, f"layers.{layer}"), x, N_HEADS)
        for name, expected in x.items():
            np.testing.assert_allclose(found[name].features[row, :n].detach(), expected, rtol=0, atol=1e-6)


def test_padding_contributes_exactly_nothing() -> None:
    block, whole = made(), items()
    together = block(whole)
    for row, n in enumerate(N_ITEMS):
        one = {
            name: Sequence(sequence.features[row : row + 1, :n], torch.tensor([n]), "word")
            for name, sequence in whole.items()
        }
        for name, alone in block(one).items():
            torch.testing.assert_close(together[name].features[row, :n], alone.features[0], rtol=0, atol=1e-13)


def test_gradients_reach_every_parameter_and_no_padding() -> None:
    block, sequences = made(), items()
    for sequence in sequences.values():
        sequence.features.requires_grad_()
    sum((one.features[one.mask] ** 3).sum() for one in block(sequences).values()).backward()
    for name, parameter in block.named_parameters():
        assert parameter.grad is not None and parameter.grad.any() and parameter.grad.isfinite().all(), name
    for sequence in sequences.values():
        grad = sequence.features.grad
        assert grad is not None and grad[sequence.mask].all() and not grad[~sequence.mask].any()


def test_the_factor_is_the_only_way_from_one_modality_to_the_other() -> None:
    block, sequences = made(n_layers=1), items()
    text = sequences["text"]  # the same added to all keys would change no attention
    other = {**sequences, "text": text.with_features(text.features + torch.randn_like(text.features))}
    longer = sequences["audio"].lengths > 1  # a single item has all of the attention, whatever its key is

    def audio(given: Sequences) -> torch.Tensor:
        return block(given)["audio"].masked().features[longer]

    assert not torch.allclose(audio(sequences), audio(other), atol=1e-6)
    torch.nn.init.zeros_(block.layers[0].factor["audio"].weight)  # type: ignore[index, arg-type, union-attr]
    assert torch.equal(audio(sequences), audio(other))


def test_what_does_not_fit() -> None:
    with pytest.raises(ConfigError, match="relates two modalities, but got"):
        MutualCorrelation({"audio": 6})
    with pytest.raises(ConfigError, match="not divisible by its 4 heads"):
        MutualCorrelation(WIDTHS, size=6, n_heads=4)
    with pytest.raises(ConfigError, match="sinusoidal or none"):
        MutualCorrelation(WIDTHS, positions="learned")
    with pytest.raises(ConfigError, match="n_layers is 0"):
        MutualCorrelation(WIDTHS, n_layers=0)
    other = {**items(), "text": random_words([2, 1, 2], 6)}
    with pytest.raises(ModelError, match="audio and text have 4 words and 2 words"):
        made()(other)
