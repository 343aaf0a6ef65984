"""Encoders, fusion blocks and a classifier in a chain: what fits, what does not, and who sees what."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from mtser.classifiers import MLPClassifier
from mtser.encoders import Batch, Encoder, FrameAttention, MeanSpeech, WordEmbedding, WordSpeech, WordTokenizer
from mtser.errors import ModelError
from mtser.features.input import Input
from mtser.fusion import CoAttention, JointVector, Pooling, SharedTransformer
from mtser.model import EmotionModel
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences
from tests.helpers.synthetic import random_rows, said, word_frames


class Spy(Encoder):
    """An encoder of a third party: ones, and a note of what it was given."""

    def __init__(self, output_size: int = 50, inputs: tuple[Input, ...] = ()) -> None:
        super().__init__()
        self.output_size = output_size
        self.inputs = inputs
        self.saw: list[dict] = []

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        self.saw.append(dict(earlier))
        return batch.sequence(torch.ones(int(batch.n_words.sum()), self.output_size))


def text(size: int = 100) -> WordEmbedding:
    return WordEmbedding(WordTokenizer(), size=size)


def speech(query_size: int = 100) -> WordSpeech:
    return WordSpeech(word_frames(), FrameAttention(query_size=query_size))


def chain(encoders: dict[str, Encoder], *fusion: nn.Module, classifier: nn.Module | None = None) -> EmotionModel:
    return EmotionModel(encoders, fusion, classifier or MLPClassifier(4))


BOTH = {"text": 100, "audio": 50}


def test_neighbours_that_fit() -> None:
    encoders = {"text": text(), "audio": speech()}
    chain(encoders, SharedTransformer(BOTH), CoAttention(), JointVector(100))
    chain(encoders, SharedTransformer(BOTH), SharedTransformer({"text": 50, "audio": 50}), Pooling(), JointVector(100))
    chain(encoders, nn.Identity())  # of what a block does not tell, nothing is claimed
    chain({"audio": MeanSpeech(word_frames())}, Pooling(["audio"]), classifier=MLPClassifier(4, input_size=50))


MISFITS = {
    "a width of the text": (
        lambda: chain({"text": text(300)}, SharedTransformer({"text": 100})),
        "SharedTransformer expects text vectors of size 100, but they have size 300",
    ),
    "a width between blocks": (
        lambda: chain({"text": text()}, SharedTransformer({"text": 100}), Pooling(["text"], size=100)),
        "Pooling expects text vectors of size 100, but they have size 50",
    ),
    "a missing modality": (
        lambda: chain({"text": text()}, SharedTransformer(BOTH)),
        "SharedTransformer expects the modality 'audio', but before it the model has only text",
    ),
    "a modality that a block drops": (
        lambda: chain({"text": text(), "audio": speech()}, SharedTransformer({"text": 100}), CoAttention()),
        "CoAttention expects the modality 'audio'",
    ),
    "the joint vector": (
        lambda: chain({"text": text(50)}, Pooling(["text"]), JointVector(100)),
        "JointVector expects vectors of size 100, but they have size 50",
    ),
    "the classifier": (
        lambda: chain({"text": text(50)}, Pooling(["text"]), JointVector(50, 80)),
        "MLPClassifier expects vectors of size 100, but they have size 80",
    ),
    "the width of WR's query": (
        lambda: chain({"text": text(300), "audio": speech()}, SharedTransformer({"text": 300, "audio": 50})),
        "WordSpeech expects text vectors of size 100, but they have size 300",
    ),
    "WR before its query": (
        lambda: chain({"audio": speech(), "text": text()}, SharedTransformer(BOTH)),
        "WordSpeech expects the modality 'text', but the model has none before it",
    ),
    "WR after another modality only": (
        lambda: chain({"video": Spy(), "audio": speech(), "text": text()}),
        "WordSpeech expects the modality 'text', but before it the model has only video",
    ),
}


@pytest.mark.parametrize(("make", "problem"), MISFITS.values(), ids=MISFITS)
def test_neighbours_that_do_not_fit(make, problem: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ModelError, match=problem):
        make()


def test_each_encoder_sees_what_those_before_it_returned() -> None:
    encoders = {"one": Spy(1), "two": Spy(2), "three": Spy(3)}
    pooling = [Pooling([name], size=size) for size, name in enumerate(encoders, start=1)]

    class Concatenate(nn.Module):
        def forward(self, sequences: Sequences) -> Tensor:
            assert list(sequences) == ["one", "two", "three"]
            return torch.cat([block(sequences) for block in pooling], dim=1)

    logits = EmotionModel(encoders, [Concatenate()], nn.Identity())(Batch(np.array([2, 1]), {}))
    assert logits.shape == (2, 6)
    assert [list(one.saw[0]) for one in encoders.values()] == [[], ["one"], ["one", "two"]]
    first = encoders["three"].saw[0]["one"]
    assert first.features.shape == (2, 2, 1) and first.unit == "word" and first is encoders["two"].saw[0]["one"]


@pytest.mark.parametrize("modalities", [["text"], ["text", "audio", "video"]])
def test_a_model_of_any_number_of_modalities(modalities: list[str]) -> None:
    encoders = {name: Spy(size) for name, size in zip(modalities, (7, 50, 9), strict=False)}
    model = chain(
        encoders,
        SharedTransformer({name: one.output_size for name, one in encoders.items()}),
        Pooling(modalities, aggregate="attention"),
        JointVector(50 * len(modalities)),
    )
    assert model(Batch(np.array([2, 1, 4]), {})).shape == (3, 4)


def test_inputs_each_once() -> None:
    shared, other = word_frames(), WordTokenizer()
    model = chain({"a": Spy(inputs=(shared, other)), "b": Spy(inputs=(shared,))}, nn.Identity())
    assert model.inputs == (shared, other)
    assert len(chain({"a": Spy(inputs=(word_frames(),)), "b": Spy(inputs=(word_frames(),))}, nn.Identity()).inputs) == 2


def test_a_block_that_tells_no_widths_is_not_checked_nor_what_follows() -> None:
    encoders = {"text": text(), "audio": speech()}
    narrower = CoAttention(["audio", "text"], size=30)  # of a size that no encoder has
    assert chain(encoders, nn.Identity(), narrower, JointVector(60), classifier=MLPClassifier(4)).heads is None
    with pytest.raises(ModelError, match="CoAttention expects"):
        chain(encoders, narrower)
    with pytest.raises(ModelError, match="auxiliary needs to know how wide the vectors of each modality are"):
        EmotionModel(encoders, [nn.Identity(), narrower, JointVector(60)], MLPClassifier(4), auxiliary=0.3)


def test_sequences_that_reach_a_classifier_of_vectors() -> None:
    with pytest.raises(ModelError, match="MLPClassifier expects one vector an utterance"):
        chain({"text": text(), "audio": speech()}, SharedTransformer(BOTH))


def fitted() -> EmotionModel:
    torch.manual_seed(0)
    model = chain({"text": text(), "audio": speech()}, SharedTransformer(BOTH), CoAttention(), JointVector(100))
    frames = next(input for input in model.inputs if input.key() is not None)
    model.fit([said("Oh no"), said("not now")], {frames: random_rows([3, 1, 2, 4], 39, dtype=torch.float32)})
    return model.eval()


def test_what_was_learned_is_saved_and_loaded(tmp_path: Path) -> None:
    model = fitted()
    model.save_assets(tmp_path)
    other = chain({"text": text(), "audio": speech()}, SharedTransformer(BOTH), CoAttention(), JointVector(100)).eval()
    other.load_assets(tmp_path)
    other.load_state_dict(model.state_dict())

    def logits(model: EmotionModel) -> Tensor:
        tokens, frames = model.inputs
        data = {tokens: tokens.load([said("No now zzz")], None), frames: random_rows([2, 5, 1], 39, 1, torch.float32)}  # type: ignore[arg-type]
        return model(Batch(np.array([3]), data))

    assert torch.equal(logits(other), logits(model))
    assert (tmp_path / "text" / "vocabulary.json").is_file()
    assert other.summary() == model.summary()


def test_summary_tells_the_trained_parameters_and_what_encoders_tell() -> None:
    model = fitted()
    summary = model.summary()
    assert summary["text"] == {"tokens in the vocabulary": 5}
    assert summary["parameters"] == sum(one.numel() for one in model.parameters())
    model.classifier.requires_grad_(False)
    assert summary["parameters"] - model.summary()["parameters"] == 50 * 100 + 50 + 4 * 50 + 4


def test_encoders_need_to_learn_and_keep_nothing(tmp_path: Path) -> None:
    spy = Spy()
    spy.fit([], dict[Input, Ragged]())
    spy.save_assets(tmp_path)
    spy.load_assets(tmp_path)
    assert spy.summary() == {} and not list(tmp_path.iterdir())
