"""MI (eqs. 8-11): against plain loops."""

import numpy as np
import pytest
import torch
from torch import Tensor

from mtser.errors import ConfigError, ModelError
from mtser.fusion import CoAttention
from mtser.sequence import Sequence, Sequences
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_words

N_WORDS = [4, 1, 3]
NAN = float("nan")
KINDS = ["sum", "mean", "attention"]


def made(kind: str = "sum") -> CoAttention:
    torch.manual_seed(0)
    return CoAttention(size=5, aggregate=kind).double()


def words(of_audio: list[int] = N_WORDS, on_padding: float = 0.0) -> Sequences:
    return {"text": random_words(N_WORDS, 5, 1, on_padding), "audio": random_words(of_audio, 5, 2, on_padding)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("of_audio", [N_WORDS, [2, 6, 1]], ids=["equal lengths", "other lengths"])
def test_as_the_slow_loop(kind: str, of_audio: list[int]) -> None:
    interaction, sequences = made(kind), words(of_audio, on_padding=NAN)
    found = interaction(sequences).detach()
    for row in range(3):
        audio, text = (
            sequences[name].features[row, : lengths[row]].numpy()
            for name, lengths in (("audio", of_audio), ("text", N_WORDS))
        )
        expected = slow.co_attention(slow.weights(interaction), audio, text, kind)
        np.testing.assert_allclose(found[row], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_contributes_exactly_nothing(kind: str) -> None:
    interaction = made(kind)
    whole = words(on_padding=NAN)
    together = interaction(whole)
    for row, length in enumerate(N_WORDS):
        one = {
            name: Sequence(sequence.features[row : row + 1, :length], torch.tensor([length]), "word")
            for name, sequence in whole.items()
        }
        torch.testing.assert_close(together[row], interaction(one)[0], rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_reach_every_parameter_and_no_padding(kind: str) -> None:
    interaction, sequences = made(kind), words(on_padding=NAN)
    for sequence in sequences.values():
        sequence.features.requires_grad_()
    interaction(sequences).square().sum().backward()
    for name, parameter in interaction.named_parameters():
        assert parameter.grad is not None and parameter.grad.any() and parameter.grad.isfinite().all(), name
    for sequence in sequences.values():
        grad = sequence.features.grad
        assert grad is not None and grad[sequence.mask].all() and not grad[~sequence.mask].any()


def test_gradients_by_differences() -> None:
    interaction, sequences = made(), words()

    def run(text: Tensor, audio: Tensor) -> Tensor:
        return interaction(
            {"text": sequences["text"].with_features(text), "audio": sequences["audio"].with_features(audio)}
        )

    assert torch.autograd.gradcheck(run, tuple(sequences[name].features.requires_grad_() for name in sequences))


def test_each_modality_learns_from_the_other() -> None:
    interaction, sequences = made(), words()
    before = interaction(sequences)
    sequences["audio"] = sequences["audio"].with_features(sequences["audio"].features + 1)
    assert (interaction(sequences)[:, 5:] != before[:, 5:]).any(1).all()  # h_t stands behind h_a


def test_the_order_of_modalities_is_the_callers() -> None:
    interaction, sequences = made(), words()
    mirrored = CoAttention(["text", "audio"], size=5).double()
    mirrored.load_state_dict(interaction.state_dict())
    found, turned = interaction(sequences), mirrored(sequences)
    torch.testing.assert_close(turned, torch.cat([found[:, 5:], found[:, :5]], dim=1))


def three() -> tuple[CoAttention, Sequences, dict[str, list[int]]]:
    torch.manual_seed(0)
    lengths = {"audio": N_WORDS, "text": [2, 6, 1], "face": [1, 3, 5]}
    sequences = {name: random_words(each, 5, seed, NAN) for seed, (name, each) in enumerate(lengths.items())}
    return CoAttention(list(lengths), size=5).double(), sequences, lengths


def test_three_modalities_as_the_slow_loop() -> None:
    interaction, sequences, lengths = three()
    w = slow.weights(interaction)
    found = interaction(sequences).detach()
    for row in range(3):
        items = {name: one.features[row, : lengths[name][row]].numpy() for name, one in sequences.items()}
        np.testing.assert_allclose(found[row], slow_rivals.co_attention(w, items), rtol=1e-12, atol=1e-14)


def test_of_three_modalities_each_learns_from_both_others() -> None:
    interaction, sequences, _ = three()
    before = interaction(sequences)
    for place, name in enumerate(sequences):
        changed = interaction({**sequences, name: sequences[name].with_features(sequences[name].features + 1)})
        differs = (changed != before).view(3, 3, 5).any(-1)
        assert differs.all(), (place, name)
    interaction(sequences).square().sum().backward()
    for parameter in interaction.relation.parameters():
        assert parameter.grad is not None and parameter.grad.view(2, -1).any(1).all()


def test_two_modalities_have_the_weights_that_checkpoints_hold() -> None:
    shapes = {name: tuple(weight.shape) for name, weight in CoAttention(size=5).state_dict().items()}
    assert shapes == {f"{kind}.{name}.weight": (5, 5) for kind in ("relation", "own") for name in ("audio", "text")}


@pytest.mark.parametrize("modalities", [["audio"], ["audio", "text", "text"], []])
def test_what_cannot_be_related(modalities: list[str]) -> None:
    with pytest.raises(ConfigError, match="co-attention relates two or more modalities"):
        CoAttention(modalities)


def test_a_modality_is_missing() -> None:
    with pytest.raises(ModelError, match="needs the modality 'audio'"):
        made()({"text": random_words(N_WORDS, 5)})


def test_unknown_aggregation() -> None:
    with pytest.raises(ConfigError, match="sum, mean, scaled_sum or attention"):
        made("max")
