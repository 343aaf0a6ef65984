"""Two LSTMs that interact after every word: against plain loops over one utterance."""

import numpy as np
import pytest
import torch

from mtser.errors import ConfigError, ModelError
from mtser.fusion import WordInteraction
from mtser.sequence import Sequence, Sequences
from tests.helpers import slow, slow_rivals
from tests.helpers.synthetic import random_words

N_WORDS = [3, 5, 1, 5, 2]
NAN = float("nan")


def block() -> WordInteraction:
    torch.manual_seed(0)
    return WordInteraction({"audio": 4, "text": 6}, size=5).double()


def words(on_padding: float = NAN) -> Sequences:
    sizes = {"audio": 4, "text": 6}
    return {name: random_words(N_WORDS, size, seed, on_padding) for seed, (name, size) in enumerate(sizes.items())}


def test_as_the_slow_loop() -> None:
    interaction, given = block(), words()
    found = interaction(given)
    for row, length in enumerate(N_WORDS):
        items = {name: sequence.features[row, :length].numpy() for name, sequence in given.items()}
        for name, expected in slow_rivals.interaction(slow.weights(interaction), items).items():
            np.testing.assert_allclose(found[name].features[row, :length].detach(), expected, rtol=1e-12, atol=1e-15)
    assert {name: one.unit for name, one in found.items()} == {"audio": "word", "text": "word"}


def test_alone_as_in_a_batch_and_zeros_on_padding() -> None:
    interaction, given = block(), words()
    together = interaction(given)
    for row, length in enumerate(N_WORDS):
        one = {
            name: Sequence(sequence.features[row : row + 1, :length], torch.tensor([length]), "word")
            for name, sequence in given.items()
        }
        for name, alone in interaction(one).items():
            torch.testing.assert_close(together[name].features[row, :length], alone.features[0], rtol=0, atol=1e-14)
            assert not together[name].features[row, length:].any()


def test_each_hears_the_other_from_its_word_on() -> None:
    interaction, given = block(), words(0.0)
    before = interaction(given)
    changed = given["text"].features.clone()
    changed[1, 2] += 1
    after = interaction({**given, "text": given["text"].with_features(changed)})
    for name in given:
        differs = (after[name].features != before[name].features).any(-1)
        assert differs[1].tolist() == [False, False, True, True, True] and not differs[[0, 2, 3, 4]].any()


def test_gradients_reach_every_parameter_and_no_padding() -> None:
    interaction, given = block(), words()
    for sequence in given.values():
        sequence.features.requires_grad_()
    found = interaction(given)
    sum(one.features.square().sum() for one in found.values()).backward()
    for name, parameter in interaction.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name
    for sequence in given.values():
        grad = sequence.features.grad
        assert grad is not None and grad[sequence.mask].all() and not grad[~sequence.mask].any()


def test_gradients_by_differences() -> None:
    interaction, given = block(), words(0.0)
    names = [name for name, _ in interaction.named_parameters()]

    def run(audio: torch.Tensor, text: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        sequences = {name: given[name].with_features(value) for name, value in {"audio": audio, "text": text}.items()}
        changed = dict(zip(names, weights, strict=True))
        found = torch.func.functional_call(interaction, changed, (sequences,))
        return torch.cat([one.features for one in found.values()], dim=-1)

    at = [given["audio"].features, given["text"].features, *interaction.parameters()]
    assert torch.autograd.gradcheck(run, tuple(one.detach().clone().requires_grad_() for one in at))


def test_sequences_that_are_not_in_step() -> None:
    given = words(0.0)
    with pytest.raises(ModelError, match="needs the modality 'text', but got \\['audio'\\]"):
        block()({"audio": given["audio"]})
    frames = {**given, "audio": Sequence(torch.zeros(5, 9, 4), torch.tensor([9] * 5), "frame")}
    with pytest.raises(ModelError, match="they have 45 frames and 16 words; both need one vector a word"):
        block()(frames)


@pytest.mark.parametrize("modalities", [{"audio": 4}, {"audio": 4, "text": 4, "video": 4}])
def test_it_takes_two_modalities(modalities: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="relates two modalities"):
        WordInteraction(modalities)
