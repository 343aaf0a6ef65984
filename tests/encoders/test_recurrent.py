"""Recurrent encoders of frames and of words: against plain loops, alone as in a batch, and what they refuse."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.encoders import (
    Batch,
    Encoder,
    Functionals,
    Recurrent,
    RecurrentSpeech,
    RecurrentWords,
    WordEmbedding,
    WordTokenizer,
)
from mtser.errors import ConfigError, ModelError
from mtser.features import TorchMFCC, UtteranceFeatures, UtteranceFrames
from mtser.ragged import Ragged
from tests.encoders.test_functionals import Moments
from tests.helpers import slow
from tests.helpers.synthetic import random_rows, said, some_rows

N_FRAMES = [9, 1, 30, 4]
SAID = [said("oh no no"), said("yes"), said("oh yes oh no"), said("oh no")]
OPTIONS = [
    {"cell": "gru", "returns": "last"},
    {"cell": "gru", "returns": "states"},
    {"cell": "lstm", "returns": "last", "bidirectional": True},
    {"cell": "lstm", "returns": "states", "bidirectional": True},
]


def name_of(options: dict) -> str:
    return "-".join(str(one) for one in options.values())


def speech(options: dict, functionals: bool = False) -> RecurrentSpeech:
    torch.manual_seed(0)
    beside = Functionals(UtteranceFeatures(Moments())) if functionals else None
    return RecurrentSpeech(UtteranceFrames(TorchMFCC(frame_step=0.01)), Recurrent(39, 5, **options), beside).double()


def words(options: dict) -> RecurrentWords:
    torch.manual_seed(0)
    encoder = RecurrentWords(WordEmbedding(WordTokenizer(), size=6), Recurrent(6, 5, **options))
    encoder.fit(SAID, {})
    return encoder.double()


def batch_of(encoder: Encoder) -> Batch:
    n_words = np.array([len(one.words) for one in SAID])
    data = {}
    for input in encoder.inputs:
        if isinstance(input, UtteranceFrames):
            data[input] = random_rows(N_FRAMES, 39)
        elif isinstance(input, UtteranceFeatures):
            data[input] = random_rows([1] * len(SAID), 3, seed=1)
        else:
            data[input] = input.load(SAID, None)  # type: ignore[arg-type]
    return Batch(n_words, data)


def expected_of(encoder: RecurrentSpeech | RecurrentWords, rows: list[np.ndarray], options: dict) -> list[np.ndarray]:
    w = slow.part(slow.weights(encoder), "net.net")
    states = [slow.directions(w, row, options["cell"]) for row in rows]
    return states if options["returns"] == "states" else [slow.last_state(w, one)[None] for one in states]


@pytest.mark.parametrize("options", OPTIONS, ids=name_of)
def test_frames_as_the_slow_loop(options: dict) -> None:
    encoder = speech(options)
    encoder.mean += 0.5
    encoder.std *= 2.0
    batch = batch_of(encoder)
    encoded = encoder(batch, {})
    frames = [(row.numpy() - 0.5) / 2.0 for row in batch[encoder.features].values.split(N_FRAMES)]
    for row, expected in enumerate(expected_of(encoder, frames, options)):
        np.testing.assert_allclose(encoded.features[row, : len(expected)].detach(), expected, atol=1e-14)
    last = options["returns"] == "last"
    assert encoded.unit == ("utterance" if last else "frame")
    assert encoded.lengths.tolist() == ([1] * 4 if last else N_FRAMES)


@pytest.mark.parametrize("options", OPTIONS, ids=name_of)
def test_words_as_the_slow_loop(options: dict) -> None:
    encoder = words(options)
    encoded = encoder(batch_of(encoder), {})
    vectors = slow.weights(encoder)["words.embedding.weight"]
    number = encoder.words.tokenizer.tokens.index  # type: ignore[union-attr]
    rows = [np.array([vectors[number(word.word)] for word in one.words]) for one in SAID]
    for row, expected in enumerate(expected_of(encoder, rows, options)):
        np.testing.assert_allclose(encoded.features[row, : len(expected)].detach(), expected, atol=1e-14)
    assert encoded.unit == ("utterance" if options["returns"] == "last" else "word")


def test_functionals_stand_behind_the_last_state() -> None:
    encoder = speech(OPTIONS[0], functionals=True)
    batch = batch_of(encoder)
    encoded = encoder(batch, {}).features
    assert encoder.functionals is not None and encoder.output_size == 5 + 3 and len(encoder.inputs) == 2
    torch.testing.assert_close(encoded[:, 0, 5:], batch[encoder.functionals.features].values)
    torch.testing.assert_close(encoded[..., :5], encoder.net(encoder.frames(batch), "frame").features)


def test_frames_and_functionals_learn_their_normalisation() -> None:
    encoder = speech(OPTIONS[0], functionals=True)
    batch = batch_of(encoder)
    encoder.fit(SAID, batch.data)
    assert encoder.functionals is not None
    for one in (encoder, encoder.functionals):
        values = one.frames(batch).values
        torch.testing.assert_close(values.mean(0), torch.zeros_like(values[0]), rtol=0, atol=1e-6)
        torch.testing.assert_close(values.std(0, correction=0), torch.ones_like(values[0]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("make", [speech, words], ids=["frames", "words"])
@pytest.mark.parametrize("options", OPTIONS, ids=name_of)
def test_alone_as_in_a_batch(make, options: dict) -> None:  # type: ignore[no-untyped-def]
    encoder = make(options)
    batch = batch_of(encoder)
    together = encoder(batch, {})
    for row in range(len(SAID)):
        alone = encoder(some_rows(batch, [row]), {}).features[0]
        torch.testing.assert_close(together.features[row, : len(alone)], alone, rtol=0, atol=1e-14)


@pytest.mark.parametrize("make", [speech, words], ids=["frames", "words"])
@pytest.mark.parametrize("options", OPTIONS, ids=name_of)
def test_gradients_reach_every_weight(make, options: dict) -> None:  # type: ignore[no-untyped-def]
    encoder = make(options)
    encoder(batch_of(encoder), {}).masked().features.square().sum().backward()
    assert all(one.grad is not None and one.grad.any() for one in encoder.parameters())


def test_dropout_before_and_behind_the_net_in_training_alone() -> None:
    net, rows = Recurrent(4, 3, input_dropout=0.5, output_dropout=0.25), random_rows([500], 4, dtype=torch.float32)
    seen: list[torch.Tensor] = []
    net.net.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].values))
    torch.manual_seed(0)
    behind = net(rows, "word").features
    assert 0.45 < float((seen[0] == 0).double().mean()) < 0.55
    assert 0.2 < float((behind == 0).double().mean()) < 0.3
    net.eval()
    assert net(rows, "word").features.all() and torch.equal(seen[1], rows.values)


def test_what_the_words_learn_is_saved_and_restored(tmp_path: Path) -> None:
    encoder = words(OPTIONS[0])
    encoder.save_assets(tmp_path)
    other = RecurrentWords(WordEmbedding(WordTokenizer(), size=6), Recurrent(6, 5, **OPTIONS[0]))
    other.load_assets(tmp_path)
    other.double().load_state_dict(encoder.state_dict())
    torch.testing.assert_close(other(batch_of(other), {}).features, encoder(batch_of(encoder), {}).features)
    assert other.summary() == encoder.summary() == {"tokens in the vocabulary": 4}


def test_misfits() -> None:
    frames, embedding = UtteranceFrames(TorchMFCC()), WordEmbedding(WordTokenizer(), size=6)
    with pytest.raises(ConfigError, match="states or last"):
        Recurrent(4, 3, returns="all")
    with pytest.raises(ModelError, match="expects 40 numbers a frame, but the features have 39"):
        RecurrentSpeech(frames, Recurrent(40, 5))
    with pytest.raises(ModelError, match="size 5, but they have size 6"):
        RecurrentWords(embedding, Recurrent(5, 5))
    with pytest.raises(ConfigError, match="has to return last"):
        RecurrentSpeech(frames, Recurrent(39, 5), Functionals(UtteranceFeatures(Moments())))


def test_a_row_of_the_batch_is_an_utterance() -> None:
    states = Recurrent(4, 3)(Ragged(torch.zeros(3, 4), np.array([2, 1])), "frame")
    assert states.features.shape == (2, 2, 3) and states.unit == "frame"
