"""Frames → one acoustic vector a word: WR of section 3.2 (eqs. 5-7), WR* and the mean of Table 2."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.encoders.fine_tuning import FineTuning
from mtser.encoders.frame_attention import FrameAttention
from mtser.encoders.layer_sum import LayerSum
from mtser.encoders.ragged_gru import RaggedGRU
from mtser.encoders.spec_augment import SpecAugment
from mtser.encoders.tuned_encoder import tuned_encoder
from mtser.errors import ConfigError, ModelError
from mtser.features.contextual_words import ContextualWords
from mtser.features.input import Input
from mtser.features.means import UtteranceMeans, WordMeans
from mtser.features.normalise import mean_and_std
from mtser.features.utterance_input import UtteranceFeatures, UtteranceFrames
from mtser.features.word_feature_file import WordFeatureFile
from mtser.features.word_input import WordFrames
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences

FrameInput = (
    WordFrames | UtteranceFrames | UtteranceFeatures | WordFeatureFile | WordMeans | UtteranceMeans | ContextualWords
)


class FrameEncoder(Encoder):
    """What encoders of numbers share: the frames (or functionals, or word vectors), and their normalisation.

    Where the layers of a pretrained encoder stand beside each other in a frame, their sum with learned weights
    (:class:`~mtser.encoders.layer_sum.LayerSum`) takes the frame's place.

    Parameters
    ----------
    features
        The frames of the words, those of the utterances, or one vector a word or an utterance. If it asks for
        normalisation by "train", mean and standard deviation of the training part's frames are learned here and kept
        with the weights.
    augment
        What hides parts of the normalised frames in training (:class:`~mtser.encoders.spec_augment.SpecAugment`).
    fine_tuning
        Whether and how the pretrained encoder is trained that makes the frames. Mean and standard deviation stay those
        of its frames before training.

    Attributes
    ----------
    frame_size
        Width of the frames that :meth:`frames` gives.
    """

    mean: Tensor
    std: Tensor
    reads: ClassVar[str | None] = None
    """What the rows of its features are: "word" or "utterance"; None for either."""
    reads_frames: ClassVar[bool | None] = None
    """Whether a row holds many frames, or one vector; None for either."""

    def __init__(
        self, features: FrameInput, augment: SpecAugment | None = None, fine_tuning: FineTuning | None = None
    ) -> None:
        super().__init__()
        self._check_features(features)
        self.augment = augment
        self.features = features
        self.tuned = tuned_encoder(features, fine_tuning) if fine_tuning and fine_tuning.trains else None
        self.inputs = (features,) if self.tuned is None else self.tuned.inputs
        self.frame_size = features.dimension // features.n_layers
        self.layer_sum = LayerSum(features.n_layers) if features.n_layers > 1 else None
        self.register_buffer("mean", torch.zeros(features.dimension))
        self.register_buffer("std", torch.ones(features.dimension))

    def _check_features(self, features: FrameInput) -> None:
        has_frames = not isinstance(features, UtteranceFeatures | UtteranceMeans)
        if self.reads in (None, features.unit) and self.reads_frames in (None, has_frames):
            return
        what = {None: "what is", True: "the frames", False: "one vector"}
        raise ConfigError(
            f"{type(self).__name__} reads {what[self.reads_frames]} of each {self.reads}, but "
            f"{type(features).__name__} has {what[has_frames]} of each {features.unit}; take another encoder with it, "
            "too (hparams/blocks/audio has some)."
        )

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Learn mean and standard deviation from the training part."""
        if self.features.normalise == "train":
            frames = (
                data[self.features].values.cpu().numpy() if self.tuned is None else self.tuned.rows(utterances, data)
            )
            mean, std = mean_and_std(frames)
            self.mean.copy_(torch.from_numpy(mean))
            self.std.copy_(torch.from_numpy(std))

    def frames(self, batch: Batch) -> Ragged:
        """The normalised frames of a batch, one row a word (or an utterance, as the features have them)."""
        frames = batch[self.features] if self.tuned is None else self.tuned(batch)
        if self.layer_sum is not None:
            normalised = Ragged(self.layer_sum(frames.values, self.mean, self.std), frames.lengths)
        else:
            normalised = Ragged((frames.values - self.mean) / self.std, frames.lengths)
        if self.augment is None:
            return normalised
        return self.augment(normalised, batch.n_words if self.features.unit == "word" else np.ones(len(batch), int))

    def summary(self) -> dict[str, Any]:
        """How a pretrained encoder is trained along, and how much each of its layers counts."""
        told = {} if self.tuned is None else self.tuned.summary()
        if self.layer_sum is None:
            return told
        weights = [round(one, 3) for one in self.layer_sum.weights.tolist()]
        return {**told, "weights of the layers": weights}


class WordSpeech(FrameEncoder):
    """WR: a GRU over the frames of each word, and attention over its states (eqs. 5-7).

    Parameters
    ----------
    features
        The frames of the words.
    attention
        From the states of a word's frames to its vector; with the word's embedding as the query this is WR, without
        WR* (see :class:`~mtser.encoders.frame_attention.FrameAttention`).
    query
        Name of the modality whose vectors, as its encoder made them, are the queries; None if the attention has none.
        Its encoder comes before this one in the model.
    hidden_size
        Of the GRU and of the attention (section 4.2: 50).
    dropout
        On the words' vectors.
    augment
        As of :class:`FrameEncoder`.
    states
        What the attention looks at: the states of the "gru" (the paper's), or one "linear" map of every frame, for the
        frames of a pretrained encoder, which have seen what is around them.
    fine_tuning
        As of :class:`FrameEncoder`.

    Raises
    ------
    ConfigError
        If there are no such states.

    Notes
    -----
    The GRU starts anew in every word. Frames of all words of a batch are computed at once, none of them padding.
    """

    reads = "word"

    def __init__(
        self,
        features: WordFrames,
        attention: FrameAttention,
        query: str | None = "text",
        hidden_size: int = 50,
        dropout: float = 0.0,
        augment: SpecAugment | None = None,
        states: str = "gru",
        fine_tuning: FineTuning | None = None,
    ) -> None:
        super().__init__(features, augment, fine_tuning)
        if (query is None) != (attention.query_size is None):
            raise ValueError(
                "the attention over frames has "
                + ("a text query, but the encoder names no modality for it" if query is None else "no text query")
                + "; set query and attention.query_size both, or neither."
            )
        if attention.size != hidden_size:
            raise ModelError(
                f"the attention over frames has size {attention.size}, but their states have size {hidden_size}; "
                "set attention.size and hidden_size to the same."
            )
        if states not in ("gru", "linear"):
            raise ConfigError(f"states of the frames are {states!r}; they can be gru or linear.")
        self.gru = RaggedGRU(self.frame_size, hidden_size) if states == "gru" else None
        self.linear = nn.Linear(self.frame_size, hidden_size) if states == "linear" else None
        self.attention = attention
        self.dropout = nn.Dropout(dropout)
        self.query = query
        if query is not None and attention.query_size is not None:
            self.input_sizes = {query: attention.query_size}
        self.output_size = hidden_size

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, hidden_size]``."""
        frames = self.frames(batch)
        word_of_frame = frames.row_of_item
        if self.gru is not None:
            states, order = self.gru(frames)
            word_of_frame = word_of_frame[order]
        else:
            states = self.linear(frames.values)  # type: ignore[misc]
        word_of_state = torch.from_numpy(word_of_frame).to(states.device, non_blocking=True)
        queries = None
        if self.query is not None:
            sequence = _words_of(self.query, earlier)
            queries = sequence.features[sequence.mask]
        return batch.sequence(self.dropout(self.attention(states, word_of_state, len(frames), queries)))


class MeanSpeech(FrameEncoder):
    """Table 2's "MT+MI": WR replaced by the mean of each word's frames and one linear map.

    Parameters
    ----------
    features
        The frames of the words, or their means already.
    output_size
        Width of a word's vector.
    dropout, input_dropout
        In training: on the words' vectors, and on the means in front of the map.
    augment, fine_tuning
        As of :class:`FrameEncoder`.
    """

    reads = "word"

    def __init__(
        self,
        features: WordFrames | WordMeans,
        output_size: int = 50,
        dropout: float = 0.0,
        augment: SpecAugment | None = None,
        fine_tuning: FineTuning | None = None,
        input_dropout: float = 0.0,
    ) -> None:
        super().__init__(features, augment, fine_tuning)
        self.dropout = nn.Dropout(dropout)
        self.input_dropout = nn.Dropout(input_dropout)
        self.linear = nn.Linear(self.frame_size, output_size)
        self.output_size = output_size

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, output_size]``."""
        means = self.input_dropout(self.frames(batch).mean_of_rows())
        return batch.sequence(self.dropout(self.linear(means)))


def _words_of(name: str, earlier: Sequences) -> Sequence:
    if name not in earlier:
        raise ModelError(f"WR's query is the modality {name!r}, but the encoders before it are {list(earlier)}.")
    if earlier[name].unit != "word":
        raise ModelError(f"WR's query is one vector a word, but {name!r} has one a {earlier[name].unit}.")
    return earlier[name]
