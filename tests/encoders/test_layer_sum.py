"""The learned sum over layers, by itself and in front of every encoder that reads a pretrained encoder's frames."""

from typing import Any

import numpy as np
import pytest
import torch

from mtser.encoders import (
    Batch,
    ContextualEmbedding,
    Encoder,
    FrameAttention,
    Functionals,
    LayerSum,
    MeanSpeech,
    Recurrent,
    RecurrentSpeech,
    WordSpeech,
)
from mtser.errors import ConfigError
from mtser.features import (
    ContextualWords,
    FrameExtractor,
    TextExtractor,
    UtteranceFrames,
    UtteranceMeans,
    WordFrames,
    WordMeans,
)
from mtser.ragged import Ragged
from tests.helpers import slow
from tests.helpers.synthetic import random_rows, random_words

N_LAYERS, SIZE = 3, 4
N_WORDS = [2, 1]
TEXT = random_words(N_WORDS, 6, seed=3)


class Layers(FrameExtractor):
    """Frames of three layers that nobody computes."""

    dimension, n_layers, frame_length, frame_step = N_LAYERS * SIZE, N_LAYERS, 0.025, 0.02

    def settings(self) -> dict[str, Any]:
        return {"class": "Layers"}

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        raise AssertionError("these tests bring their own numbers")


class WordLayers(TextExtractor):
    """Words of three layers."""

    dimension, n_layers = N_LAYERS * SIZE, N_LAYERS

    def settings(self) -> dict[str, Any]:
        return {"class": "WordLayers"}

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        raise AssertionError("these tests bring their own numbers")


def slow_sum(scores: np.ndarray, frames: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Frame by frame and layer by layer."""
    weights = np.exp(scores) / np.exp(scores).sum()
    summed = np.zeros((len(frames), SIZE))
    for row, frame in enumerate(frames):
        for layer, weight in enumerate(weights):
            part = slice(layer * SIZE, (layer + 1) * SIZE)
            summed[row] += weight * (frame[part] - mean[part]) / std[part]
    return summed


def test_the_sum_as_the_slow_loop() -> None:
    layers = LayerSum(N_LAYERS).double()
    torch.nn.init.normal_(layers.scores, generator=torch.Generator().manual_seed(0))
    frames = random_rows([7], N_LAYERS * SIZE).values
    mean, std = (
        random_rows([1], N_LAYERS * SIZE, seed=1).values[0],
        random_rows([1], N_LAYERS * SIZE, 2).values[0].exp(),
    )
    found = layers(frames, mean, std)
    expected = slow_sum(layers.scores.detach().numpy(), frames.numpy(), mean.numpy(), std.numpy())
    np.testing.assert_allclose(found.detach(), expected, rtol=1e-12, atol=1e-13)
    found.square().sum().backward()
    assert layers.scores.grad.abs().min() > 1e-3


def test_half_precision_is_read_as_it_is() -> None:
    layers = LayerSum(N_LAYERS)
    frames = random_rows([7], N_LAYERS * SIZE).values.half()
    zero, one = torch.zeros(N_LAYERS * SIZE), torch.ones(N_LAYERS * SIZE)
    found = layers(frames, zero, one)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, layers(frames.float(), zero, one))


def encoders() -> dict[str, Encoder]:
    words, means = WordFrames(Layers()), WordMeans(Layers())
    return {
        "gru, text query": WordSpeech(words, FrameAttention(5, 6), hidden_size=5),
        "linear, text query": WordSpeech(words, FrameAttention(5, 6), hidden_size=5, states="linear"),
        "linear, learned query": WordSpeech(words, FrameAttention(5, None), query=None, hidden_size=5, states="linear"),
        "mean of frames": MeanSpeech(words, output_size=5),
        "means of words": MeanSpeech(means, output_size=5),
        "recurrent": RecurrentSpeech(UtteranceFrames(Layers()), Recurrent(SIZE, 5)),
        "mean of the utterance": Functionals(UtteranceMeans(Layers())),
        "mean of the utterance, mapped": Functionals(UtteranceMeans(Layers()), size=5),
        "words": ContextualEmbedding(ContextualWords(WordLayers(), normalise="train")),
        "words, mapped": ContextualEmbedding(ContextualWords(WordLayers(), normalise="train"), size=5),
    }


@pytest.fixture(params=encoders())
def encoder(request: pytest.FixtureRequest) -> Encoder:
    torch.manual_seed(0)
    made = encoders()[request.param].double()
    torch.nn.init.normal_(made.layer_sum.scores)
    return made


def batch_of(encoder: Encoder) -> Batch:
    (features,) = encoder.inputs
    rows = N_WORDS if isinstance(features, UtteranceFrames) else [1] * len(N_WORDS)
    if features.unit == "word":
        rows = [3, 1, 4] if isinstance(features, WordFrames) else [1, 1, 1]
    return Batch(np.array(N_WORDS), {features: random_rows(rows, N_LAYERS * SIZE)})


def test_every_encoder_reads_the_sum_of_normalised_layers(encoder: Encoder) -> None:
    """The same as the encoder without a sum, given frames that were normalised and summed by hand."""
    batch = batch_of(encoder)
    (features,) = encoder.inputs
    train = random_rows([50], N_LAYERS * SIZE, seed=5)
    encoder.fit([], {features: Ragged(3 + 2 * train.values, np.ones(50, np.int64))})
    assert encoder.mean.mean() > 2
    found = encoder(batch, {"text": TEXT}).features
    values = batch[features].values.numpy()
    scores = encoder.layer_sum.scores.detach().numpy()
    summed = torch.from_numpy(slow_sum(scores, values, encoder.mean.numpy(), encoder.std.numpy()))
    encoder.layer_sum = None
    encoder.mean, encoder.std = torch.zeros(SIZE), torch.ones(SIZE)
    by_hand = Batch(batch.n_words, {features: Ragged(summed, batch[features].lengths)})
    torch.testing.assert_close(found, encoder(by_hand, {"text": TEXT}).features, rtol=0, atol=1e-12)


def test_the_weights_are_learned_and_told(encoder: Encoder) -> None:
    before = encoder.summary()["weights of the layers"]
    assert len(before) == N_LAYERS and sum(before) == pytest.approx(1, abs=2e-3)
    encoder(batch_of(encoder), {"text": TEXT}).features.square().sum().backward()
    assert encoder.layer_sum.scores.grad.abs().max() > 1e-6


@pytest.mark.parametrize("query", ["text", None])
def test_attention_over_frames_without_a_gru(query: str | None) -> None:
    """WordSpeech with linear states, as the slow loop."""
    torch.manual_seed(0)
    attention = FrameAttention(5, 6 if query else None)
    encoder = WordSpeech(WordFrames(Layers()), attention, query=query, hidden_size=5, states="linear").double()
    batch = batch_of(encoder)
    found = encoder(batch, {"text": TEXT}).features
    w = slow.weights(encoder)
    frames = iter(encoder.frames(batch).values.detach().split([3, 1, 4]))
    for row, n_words in enumerate(N_WORDS):
        for i in range(n_words):
            states = np.array([slow.linear(slow.part(w, "linear"), frame.numpy()) for frame in next(frames)])
            asked = TEXT.features[row, i].numpy() if query else None
            expected = slow.word_vector(slow.part(w, "attention"), states, asked, "softmax")
            np.testing.assert_allclose(found[row, i].detach(), expected, rtol=1e-11, atol=1e-14)


def test_states_that_there_are_not() -> None:
    with pytest.raises(ConfigError, match="states of the frames are 'cnn'; they can be gru or linear"):
        WordSpeech(WordFrames(Layers()), FrameAttention(5, 6), hidden_size=5, states="cnn")
