"""Frames → word vectors: WR (eqs. 5-7), WR*, the mean of frames, and the normalisation before them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.configuration import Hyperparameters
from mtser.encoders import Batch, Encoder, FrameAttention, MeanSpeech, WordSpeech
from mtser.encoders.audio import FrameEncoder
from mtser.errors import ConfigError, ModelError
from mtser.ragged import Ragged
from mtser.sequence import Sequence
from tests.helpers import slow
from tests.helpers.synthetic import random_rows, random_words, some_rows, word_frames
from tests.training.recipe import HPARAMS

N_WORDS = [3, 1, 2]
N_FRAMES = [4, 1, 7, 2, 64, 3]
NAN = float("nan")
WR = {
    "softmax": {"query_size": 6},
    "sigmoid": {"query_size": 6, "norm": "sigmoid"},
    "learned": {"query_size": None},
    "mean": {"query_size": None, "without_query": "mean"},
}


def word_speech(options: dict) -> WordSpeech:
    torch.manual_seed(0)
    query = "text" if options["query_size"] else None
    return WordSpeech(word_frames(), FrameAttention(size=5, **options), query=query, hidden_size=5).double()


def mean_speech() -> MeanSpeech:
    torch.manual_seed(0)
    return MeanSpeech(word_frames(), output_size=5).double()


def batch_of(encoder: FrameEncoder) -> Batch:
    return Batch(np.array(N_WORDS), {encoder.features: random_rows(N_FRAMES, 39)})


def text(on_padding: float = 0.0) -> Sequence:
    return random_words(N_WORDS, 6, seed=3, on_padding=on_padding)


ENCODERS = {f"WR {name}": lambda options=options: word_speech(options) for name, options in WR.items()}
ENCODERS["mean of frames"] = mean_speech


@pytest.mark.parametrize("options", WR.values(), ids=WR)
def test_word_speech_as_the_slow_loop(options: dict) -> None:
    encoder = word_speech(options)
    batch, queries = batch_of(encoder), text()
    encoded = encoder(batch, {"text": queries})
    w, frames = slow.weights(encoder), iter(batch[encoder.features].values.split(N_FRAMES))
    for row, n_words in enumerate(N_WORDS):
        for i in range(n_words):
            states = slow.gru(slow.part(w, "gru"), next(frames).numpy())
            query = queries.features[row, i].numpy() if options["query_size"] else None
            expected = slow.word_vector(slow.part(w, "attention"), states, query, options.get("norm", "softmax"))
            np.testing.assert_allclose(encoded.features[row, i].detach(), expected, rtol=1e-11, atol=1e-14)
    assert encoded.lengths.tolist() == N_WORDS and encoded.unit == "word" and encoded.features.shape == (3, 3, 5)


def test_mean_of_frames_as_the_slow_loop() -> None:
    encoder = mean_speech()
    batch = batch_of(encoder)
    encoded = encoder(batch, {}).features
    frames = iter(batch[encoder.features].values.split(N_FRAMES))
    for row, n_words in enumerate(N_WORDS):
        for i in range(n_words):
            expected = slow.linear(slow.part(slow.weights(encoder), "linear"), np.mean(next(frames).numpy(), axis=0))
            np.testing.assert_allclose(encoded[row, i].detach(), expected, rtol=1e-12)


@pytest.mark.parametrize("make", ENCODERS.values(), ids=ENCODERS)
def test_alone_as_in_a_batch_whatever_stands_on_the_queries_padding(make) -> None:  # type: ignore[no-untyped-def]
    encoder = make()
    batch = batch_of(encoder)
    together = encoder(batch, {"text": text(on_padding=NAN)}).features
    for row, n_words in enumerate(N_WORDS):
        query = Sequence(text().features[row : row + 1, :n_words], torch.tensor([n_words]), "word")
        alone = encoder(some_rows(batch, [row]), {"text": query}).features
        torch.testing.assert_close(together[row, :n_words], alone[0], rtol=0, atol=1e-14)
        assert not together[row, n_words:].any()


@pytest.mark.parametrize("make", ENCODERS.values(), ids=ENCODERS)
def test_gradients_reach_every_parameter(make) -> None:  # type: ignore[no-untyped-def]
    encoder: Encoder = make()
    queries = text(on_padding=NAN)
    queries.features.requires_grad_()
    each = torch.randn(3, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    (encoder(batch_of(encoder), {"text": queries}).features * each).sum().backward()  # type: ignore[arg-type]
    for name, parameter in encoder.named_parameters():
        assert parameter.grad is not None and parameter.grad.any() and parameter.grad.isfinite().all(), name
    if encoder.input_sizes:  # the text encoder learns from its use as a query
        grad = queries.features.grad
        assert grad is not None and grad[queries.mask].any() and not grad[~queries.mask].any()


def test_statistics_of_the_training_part_are_learned_and_applied() -> None:
    encoder = MeanSpeech(word_frames("train"))
    train, test = (random_rows(lengths, 39, seed, torch.float32) for seed, lengths in enumerate(([5, 1, 2], [3])))
    train.values.mul_(4).add_(7)
    train.values[:, 2] = 11.0  # a constant
    encoder.fit([], {encoder.features: train})
    values = train.values.double().numpy()
    mean = sum(values) / len(values)
    std = np.sqrt(sum((frame - mean) ** 2 for frame in values) / len(values))
    std[2] = 1
    found = encoder.frames(Batch(np.array([1]), {encoder.features: test})).values.numpy()
    np.testing.assert_allclose(found, (test.values.double().numpy() - mean) / std, rtol=1e-5, atol=1e-6)

    other = MeanSpeech(word_frames("train"))
    other.load_state_dict(encoder.state_dict())  # they are kept with the weights
    assert torch.equal(other.mean, encoder.mean) and torch.equal(other.std, encoder.std)


@pytest.mark.parametrize("by", ["speaker", "utterance", "none"])
def test_other_normalisations_are_the_inputs_own(by: str) -> None:
    encoder = MeanSpeech(word_frames(by))
    frames = random_rows([5, 1], 39, dtype=torch.float32)
    encoder.fit([], {encoder.features: Ragged(frames.values + 9, frames.lengths)})
    assert torch.equal(encoder.frames(Batch(np.array([2]), {encoder.features: frames})).values, frames.values)


def test_a_query_needs_its_modality_before_and_in_words() -> None:
    encoder = word_speech(WR["softmax"])
    with pytest.raises(ModelError, match="'text'"):
        encoder(batch_of(encoder), {})
    phones = Sequence(text().features, text().lengths, "phone")
    with pytest.raises(ModelError, match="one a phone"):
        encoder(batch_of(encoder), {"text": phones})


def test_options_that_do_not_fit_each_other() -> None:
    with pytest.raises(ValueError, match="set query and attention.query_size both"):
        WordSpeech(word_frames(), FrameAttention(), query=None)
    with pytest.raises(ValueError, match="set query and attention.query_size both"):
        WordSpeech(word_frames(), FrameAttention(query_size=None), query="text")
    with pytest.raises(ModelError, match="size 50.*size 64"):
        WordSpeech(word_frames(), FrameAttention(size=50), hidden_size=64)


def test_means_dropout_on_either_side_of_the_map_in_training_alone() -> None:
    encoder = MeanSpeech(word_frames(), output_size=5, input_dropout=1.0).double()
    batch = batch_of(encoder)
    assert torch.equal(encoder.train()(batch, {}).features[0, 0], encoder.linear.bias)
    judged = encoder.eval()(batch, {}).features
    assert not torch.allclose(judged[0, 0], encoder.linear.bias)
    encoder = MeanSpeech(encoder.features, output_size=5, dropout=1.0).double()
    assert not encoder.train()(batch, {}).features.any() and encoder.eval()(batch, {}).features.any()


@pytest.mark.parametrize(
    ("block", "features", "told"),
    [
        ("word_speech", "utterance_mfcc_torch", "WordSpeech reads what is of each word, but UtteranceFrames has"),
        ("word_mean", "mfcc_statistics", "MeanSpeech reads what is of each word, but UtteranceFeatures has one vector"),
        ("phone_speech", "utterance_mfcc_torch", "PhoneSpeech reads what is of each word"),
        ("bilstm100", "mfcc_torch", "RecurrentSpeech reads the frames of each utterance, but WordFrames has"),
        ("bilstm100", "mfcc_statistics", "has one vector of each utterance; take another encoder"),
        ("spectrogram_cnn", "mfcc_statistics", "SpectrogramCNN reads the frames of each utterance"),
    ],
)
def test_features_that_an_encoder_cannot_read(block: str, features: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(f"encoder: !include:{HPARAMS}/blocks/audio/{block}.yaml\n")
    given = {"encoder.features": f"{HPARAMS}/blocks/features/{features}.yaml"}
    with pytest.raises(ConfigError, match=told):
        Hyperparameters(tmp_path / "x.yaml", given).build()
