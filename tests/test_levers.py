"""Every lever of the full system: it works in training alone, and off it is as if it did not exist."""

import pytest
import torch

from mtser.classifiers import LinearClassifier
from mtser.errors import ConfigError, ModelError
from mtser.fusion import Pooling
from mtser.model import EmotionModel
from mtser.outputs import Outputs
from tests.helpers.synthetic import random_utterances
from tests.helpers.systems import Ready, ready

QUIET = {"transformer__dropout": "0", "classifier__dropout": "0"}
OFF = {
    "text_encoder__word_dropout": "0.0",
    "text_encoder__dropout": "0.0",
    "audio_encoder__dropout": "0.0",
    "audio_encoder__augment": "null",
    "transformer__input_dropout": "0.0",
    "interaction__dropout": "0.0",
    "joint__dropout": "0.0",
    "model__modality_dropout": "0.0",
    "model__auxiliary": "0.0",
    "training__weight_decay": "0.0",
    "training__average": "null",
}
DRAWN = {  # what draws random numbers
    **{name: "0.5" for name, value in OFF.items() if "dropout" in name},
    "audio_encoder__augment": "!new:mtser.encoders.SpecAugment {time_share: 1.0}",
}


def made(**overrides: str) -> Ready:
    return ready("full", random_utterances(8), **{**QUIET, **overrides})


def logits(one: Ready) -> torch.Tensor:
    return Outputs.of(one.model(one.batch().batch)).logits  # type: ignore[return-value]


def test_off_they_are_as_if_they_did_not_exist() -> None:
    without, off = made(), made(**OFF)
    assert without.model.state_dict().keys() == off.model.state_dict().keys()
    generators = []
    for one in (without, off):
        torch.manual_seed(1)
        logits(one).sum().backward()
        generators.append(torch.get_rng_state())
    assert torch.equal(*generators)  # they draw nothing
    for (name, one), other in zip(without.model.named_parameters(), off.model.parameters(), strict=True):
        assert torch.equal(one, other) and torch.equal(one.grad, other.grad), name  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "value"), DRAWN.items(), ids=DRAWN)
def test_on_they_act_in_training_alone(name: str, value: str) -> None:
    on, off = made(**{name: value}), made()
    on.model.load_state_dict(off.model.state_dict())
    assert not torch.equal(logits(on), logits(on))
    assert torch.equal(logits(off), logits(off))
    on.model.eval(), off.model.eval()
    assert torch.equal(logits(on), logits(off))


@pytest.mark.parametrize(("name", "value"), [*DRAWN.items(), ("model__auxiliary", "0.3")])
def test_gradients_reach_every_weight(name: str, value: str) -> None:
    one = made(**{name: value})
    for _ in range(8):  # what is dropped once is there another time
        told = Outputs.of(one.model(one.batch().batch))
        (told.logits.square().sum() + sum(each.square().sum() for each in told.auxiliary.values())).backward()
    assert not [name for name, each in one.model.named_parameters() if each.grad is None or not each.grad.any()]


def test_auxiliary_heads_tell_the_classes_from_each_modality_alone() -> None:
    one = made(model__auxiliary="0.3")
    told = Outputs.of(one.model(one.batch().batch))
    assert {name: tuple(each.shape) for name, each in told.auxiliary.items()} == {"text": (8, 4), "audio": (8, 4)}
    heads, transformer = one.model.heads, one.model.fusion[0]
    batch, sequences = one.batch().batch, {}
    for name, encoder in one.model.encoders.items():
        sequences[name] = encoder(batch, sequences)
    for name, sequence in transformer(sequences).items():
        for row, n_words in enumerate(batch.n_words):
            expected = heads.linear[name](sequence.features[row, :n_words].mean(0))  # type: ignore[union-attr,index]
            torch.testing.assert_close(told.auxiliary[name][row], expected, rtol=1e-5, atol=1e-6)
    assert not Outputs.of(one.model.eval()(batch)).auxiliary


def test_auxiliary_heads_do_not_see_padding() -> None:
    one = made(model__auxiliary="0.3")
    together = one.model(one.batch().batch).auxiliary
    for row in range(8):
        alone = one.model(one.batch(row).batch if row else one.data.batch(one.data.rows(["u0"])).batch).auxiliary
        for name in together:
            torch.testing.assert_close(together[name][row], alone[name][0], rtol=1e-4, atol=1e-5)


def test_what_cannot_be() -> None:
    with pytest.raises(ModelError, match="modality_dropout needs two modalities"):
        ready("text_only", random_utterances(4), model__modality_dropout="0.1")
    with pytest.raises(ConfigError, match="modality_dropout is 2"):
        made(model__modality_dropout="2")
    encoder = made().model.encoders["text"]
    with pytest.raises(ModelError, match="auxiliary needs to know the number of classes"):
        EmotionModel({"text": encoder}, [], torch.nn.Identity(), auxiliary=0.1)  # type: ignore[dict-item]
    pooling = Pooling(["text"], size=100)
    classifier = LinearClassifier(4, input_size=100)
    assert EmotionModel({"text": encoder}, [pooling], classifier, auxiliary=0.1).heads  # type: ignore[dict-item]
