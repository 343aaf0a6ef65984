"""The encoders for one utterance, in operations that ONNX has: the same numbers from padded tensors.

Training computes on ragged rows, with loops whose length depends on the data. Of one utterance only the frames (or
pieces) of its words differ in number; these come padded, and masks keep the padding out.
"""

from collections.abc import Mapping
from functools import singledispatch

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.encoders.audio import FrameEncoder, MeanSpeech, WordSpeech
from mtser.encoders.class_scores import TermScores, VectorScores
from mtser.encoders.contextual import ContextualEmbedding
from mtser.encoders.encoder import Encoder
from mtser.encoders.frame_attention import FrameAttention
from mtser.encoders.functionals import Functionals
from mtser.encoders.in_context import InContext
from mtser.encoders.phone_cnn import PhoneCNN
from mtser.encoders.phone_cnn import _pooled as pooled_phones
from mtser.encoders.ragged_rnn import RaggedRNN
from mtser.encoders.recurrent import Recurrent, RecurrentSpeech, RecurrentWords
from mtser.encoders.spectrogram_cnn import SpectrogramCNN
from mtser.encoders.spectrogram_cnn import _pooled as pooled_spectrogram
from mtser.encoders.text import WordEmbedding
from mtser.errors import ModelError
from mtser.features.input import Input
from mtser.sequence import Sequence, Sequences

Tensors = Mapping[Input, tuple[Tensor, Tensor | None]]
"""Input → its tensor, and that of its lengths if it is padded."""


class WholeSequence(Sequence):
    """A sequence of which every item is real.

    Its mask is computed from numbers, not from a size: PyTorch's tracer takes the sizes behind some operations (a
    reversed tensor) for constants.
    """

    @property
    def mask(self) -> Tensor:
        """``[1, items]``, all True."""
        return self.features[..., 0] * 0.0 == 0.0


def as_sequence(vectors: Tensor, unit: str) -> Sequence:
    """``[items, dim]`` of one utterance as a sequence ``[1, items, dim]``."""
    features = vectors.unsqueeze(0)
    return WholeSequence(features, (features[..., 0] * 0.0 == 0.0).sum(1), unit)


@singledispatch
def encode(encoder: Encoder, tensors: Tensors, earlier: Sequences) -> Sequence:
    """What an encoder makes of one utterance; register a function for an encoder of your own.

    Parameters
    ----------
    encoder
        With its weights.
    tensors
        What the ONNX model reads.
    earlier
        What the encoders before this one made.

    Raises
    ------
    ModelError
        If the encoder has no such form.
    """
    raise ModelError(f"{type(encoder).__name__} has no ONNX form.")


@encode.register(WordEmbedding)
def _(encoder: WordEmbedding, tensors: Tensors, earlier: Sequences) -> Sequence:
    tokens, lengths = tensors[encoder.tokenizer]
    words = encoder.look_up(tokens)
    return as_sequence(words if lengths is None else masked_mean(words, lengths), "word")


@encode.register(ContextualEmbedding)
def _(encoder: ContextualEmbedding, tensors: Tensors, earlier: Sequences) -> Sequence:
    return as_sequence(encoder.linear(normalised(encoder, tensors)[0]), "word")


@encode.register(WordSpeech)
def _(encoder: WordSpeech, tensors: Tensors, earlier: Sequences) -> Sequence:
    frames, lengths = normalised(encoder, tensors)
    assert lengths is not None
    if encoder.gru is not None:
        states, _ = nn.GRU.forward(encoder.gru, frames)  # RaggedGRU is PyTorch's, with another way through the frames
    else:
        assert encoder.linear is not None
        states = encoder.linear(frames)
    queries = None if encoder.query is None else earlier[encoder.query].features[0]
    weights = frame_weights(encoder.attention, states, lengths, queries)
    return as_sequence((weights.unsqueeze(2) * states).sum(1), "word")


@encode.register(MeanSpeech)
def _(encoder: MeanSpeech, tensors: Tensors, earlier: Sequences) -> Sequence:
    frames, lengths = normalised(encoder, tensors)
    return as_sequence(encoder.linear(frames if lengths is None else masked_mean(frames, lengths)), "word")


@encode.register(Functionals)
def _(encoder: Functionals, tensors: Tensors, earlier: Sequences) -> Sequence:
    return as_sequence(encoder.linear(normalised(encoder, tensors)[0]).unsqueeze(0), "utterance")


@encode.register(VectorScores)
def _(encoder: VectorScores, tensors: Tensors, earlier: Sequences) -> Sequence:
    vectors = tensors[encoder.features][0].double()
    whole = vectors.mean(0, keepdim=True) if encoder.features.unit == "word" else vectors.unsqueeze(0)
    return as_sequence(encoder.scores(whole), "utterance")


@encode.register(TermScores)
def _(encoder: TermScores, tensors: Tensors, earlier: Sequences) -> Sequence:
    numbers = torch.arange(len(encoder.tokenizer))
    counts = (tensors[encoder.tokenizer][0].unsqueeze(1) == numbers).double().sum(0, keepdim=True)
    return as_sequence(encoder.scores(counts), "utterance")


@encode.register(RecurrentSpeech)
def _(encoder: RecurrentSpeech, tensors: Tensors, earlier: Sequences) -> Sequence:
    encoded = recurrent(encoder.net, normalised(encoder, tensors)[0], "frame")
    if encoder.functionals is None:
        return encoded
    both = (encoded.features, encode(encoder.functionals, tensors, earlier).features)
    return encoded.with_features(torch.cat(both, dim=-1))


@encode.register(RecurrentWords)
def _(encoder: RecurrentWords, tensors: Tensors, earlier: Sequences) -> Sequence:
    return recurrent(encoder.net, encode(encoder.words, tensors, earlier).features[0], "word")


@encode.register(SpectrogramCNN)
def _(encoder: SpectrogramCNN, tensors: Tensors, earlier: Sequences) -> Sequence:
    grid = as_sequence(normalised(encoder, tensors)[0], "frame")
    spectrogram = grid.features.transpose(1, 2).unsqueeze(1)
    pooled = [pooled_spectrogram(filters, spectrogram, grid.lengths) for filters in encoder.filters]  # type: ignore[arg-type]
    return as_sequence(torch.relu(encoder.linear(torch.cat(pooled, dim=1))), "utterance")


@encode.register(PhoneCNN)
def _(encoder: PhoneCNN, tensors: Tensors, earlier: Sequences) -> Sequence:
    assert encoder.embedding is not None
    grid = as_sequence(encoder.embedding(tensors[encoder.phones][0]), "phone")
    phones = grid.features.transpose(1, 2)
    pooled = [pooled_phones(filters, phones, grid.mask) for filters in encoder.filters]  # type: ignore[arg-type]
    return as_sequence(torch.relu(encoder.linear(torch.cat(pooled, dim=1))), "utterance")


@encode.register(InContext)
def _(encoder: InContext, tensors: Tensors, earlier: Sequences) -> Sequence:
    encoded = encode(encoder.encoder, tensors, earlier)
    return encoded if encoder.context is None else as_sequence(encoded.maximum(), "turn")  # the only turn


def normalised(encoder: FrameEncoder, tensors: Tensors) -> tuple[Tensor, Tensor | None]:
    """The normalised frames (the sum over layers, if there are several), and their lengths if they are padded."""
    frames, lengths = tensors[encoder.features]
    if encoder.layer_sum is None:
        return (frames - encoder.mean) / encoder.std, lengths
    layers = ((frames - encoder.mean) / encoder.std).split(encoder.frame_size, -1)
    weighed = [weight * layer for weight, layer in zip(encoder.layer_sum.weights.unbind(), layers, strict=True)]
    return torch.stack(weighed).sum(0), lengths


def inside(padded: Tensor, lengths: Tensor) -> Tensor:
    """``[rows, longest]``: True on real items."""
    return torch.arange(padded.shape[1], device=padded.device) < lengths.unsqueeze(1)


def masked_mean(padded: Tensor, lengths: Tensor) -> Tensor:
    """``[rows, longest, dim]`` → ``[rows, dim]``."""
    real = padded.masked_fill(~inside(padded, lengths).unsqueeze(2), 0.0)
    return real.sum(1) / lengths.unsqueeze(1)


def frame_weights(attention: FrameAttention, states: Tensor, lengths: Tensor, queries: Tensor | None) -> Tensor:
    """:meth:`~mtser.encoders.frame_attention.FrameAttention.weights` of padded rows: ``[words, longest]``."""
    if attention.weight is not None:
        assert queries is not None
        scores = (states * attention.weight(queries).unsqueeze(1)).sum(2)
    elif attention.query is not None:
        scores = states @ attention.query
    else:
        scores = states.sum(2) * 0.0
    if attention.norm == "sigmoid":
        scores = F.logsigmoid(scores)
    return scores.masked_fill(~inside(states, lengths), -torch.inf).softmax(1)


def recurrent(layer: Recurrent, items: Tensor, unit: str) -> Sequence:
    """A recurrent layer over one row ``[items, dim]``."""
    states = _states(layer.net, items)
    if layer.returns == "states":
        return as_sequence(states, unit)
    half = layer.net.hidden_size
    ends = states[-1:] if not layer.net.bidirectional else torch.cat([states[-1:, :half], states[:1, half:]], dim=1)
    return as_sequence(ends, "utterance")


def _states(net: RaggedRNN, items: Tensor) -> Tensor:
    found = [net.nets[0](items.unsqueeze(1))[0].squeeze(1)]
    if net.bidirectional:
        found.append(net.nets[1](items.flip(0).unsqueeze(1))[0].squeeze(1).flip(0))
    return torch.cat(found, dim=1)
