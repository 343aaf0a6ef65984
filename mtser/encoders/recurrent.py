"""Frames or words of an utterance → states of a recurrent net: what the systems without word times are built on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.encoders.audio import FrameEncoder
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.encoders.functionals import Functionals
from mtser.encoders.ragged_rnn import RaggedRNN
from mtser.errors import ConfigError, ModelError
from mtser.features.input import Input
from mtser.features.utterance_input import UtteranceFrames
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class Recurrent(nn.Module):
    """A recurrent layer with dropout before and behind it.

    Parameters
    ----------
    input_size, hidden_size, cell, bidirectional
        As for :class:`~mtser.encoders.ragged_rnn.RaggedRNN`.
    returns
        "states", one vector an item, or "last", one vector a row: what each direction ends with.
    input_dropout, output_dropout
        Shares of the numbers of every item and of every state that training sets to zero.

    Raises
    ------
    ConfigError
        If it can return no such thing.

    Example
    -------
    >>> import numpy as np
    >>> frames = Ragged(torch.randn(7, 39), np.array([3, 4]))
    >>> Recurrent(39, 200, returns="last")(frames, "frame").features.shape
    torch.Size([2, 1, 200])
    >>> Recurrent(39, 100, cell="lstm", bidirectional=True)(frames, "frame").features.shape
    torch.Size([2, 4, 200])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        cell: str = "gru",
        bidirectional: bool = False,
        returns: str = "states",
        input_dropout: float = 0.0,
        output_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if returns not in ("states", "last"):
            raise ConfigError(f"a recurrent layer was to return {returns!r}; it can return states or last.")
        self.net = RaggedRNN(input_size, hidden_size, cell=cell, bidirectional=bidirectional)
        self.returns = returns
        self.input_dropout = nn.Dropout(input_dropout)
        self.output_dropout = nn.Dropout(output_dropout)
        self.input_size = input_size
        self.output_size = self.net.output_size

    def forward(self, rows: Ragged, unit: str) -> Sequence:
        """Run over all rows, one an utterance.

        Parameters
        ----------
        rows
            ``values [items, input_size]``.
        unit
            What an item is, "frame" or "word".

        Returns
        -------
        Sequence
            ``[rows, items, output_size]`` of that unit, or ``[rows, 1, output_size]`` of unit "utterance".
        """
        states = self.net(Ragged(self.input_dropout(rows.values), rows.lengths))
        if self.returns == "last":
            return Batch.vectors(self.output_dropout(self.net.last(states)))
        return Sequence.from_rows(Ragged(self.output_dropout(states.values), states.lengths), unit)


class RecurrentSpeech(FrameEncoder):
    """All frames of an utterance, pauses included, through a recurrent layer.

    Parameters
    ----------
    features
        The frames of the utterances.
    net
        The layer.
    functionals
        Functionals of the utterance, which are put behind the last state (Yoon et al. 2018); None for none. They need a
        layer that returns its last state.

    Raises
    ------
    ConfigError
        If functionals are given to a layer that returns all states.
    ModelError
        If the layer expects frames of another width.
    """

    reads, reads_frames = "utterance", True

    def __init__(self, features: UtteranceFrames, net: Recurrent, functionals: Functionals | None = None) -> None:
        super().__init__(features)
        if net.input_size != self.frame_size:
            raise ModelError(
                f"the recurrent layer over the frames expects {net.input_size} numbers a frame, but the features have "
                f"{self.frame_size}; set net.input_size to that."
            )
        if functionals is not None and net.returns != "last":
            raise ConfigError(
                "functionals are put behind the last state: the layer over the frames has to return last."
            )
        self.net = net
        self.functionals = functionals
        self.output_size = net.output_size
        if functionals is not None:
            self.inputs = (*self.inputs, *functionals.inputs)
            self.output_size += functionals.output_size

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Learn mean and standard deviation of frames and functionals from the training part."""
        super().fit(utterances, data)
        if self.functionals is not None:
            self.functionals.fit(utterances, data)

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, frames, output_size]``; ``[batch, 1, output_size]`` if the layer returns its last state."""
        encoded = self.net(self.frames(batch), "frame")
        if self.functionals is None:
            return encoded
        both = (encoded.features, self.functionals(batch, earlier).features)
        return encoded.with_features(torch.cat(both, dim=-1))


class RecurrentWords(Encoder):
    """The words of an utterance through a recurrent layer.

    Parameters
    ----------
    words
        One vector a word: an embedding, or any other encoder of words.
    net
        The layer.

    Raises
    ------
    ModelError
        If the layer expects vectors of another width.

    Example
    -------
    >>> from mtser.encoders import WordEmbedding, WordTokenizer
    >>> RecurrentWords(WordEmbedding(WordTokenizer(), size=300), Recurrent(300, 200)).output_size
    200
    """

    def __init__(self, words: Encoder, net: Recurrent) -> None:
        super().__init__()
        if net.input_size != words.output_size:
            raise ModelError(
                f"the recurrent layer over the words expects vectors of size {net.input_size}, but they have size "
                f"{words.output_size}; set net.input_size to that."
            )
        self.words = words
        self.net = net
        self.inputs = words.inputs
        self.input_sizes = words.input_sizes
        self.n_preceding = words.n_preceding
        self.output_size = net.output_size

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus that can never feed the encoder of words."""
        self.words.check(corpus)

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Let the encoder of words learn."""
        self.words.fit(utterances, data)

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, words, output_size]``; ``[batch, 1, output_size]`` if the layer returns its last state."""
        words = self.words(batch, earlier)
        lengths = batch.n_words if words.unit == "word" else words.lengths.cpu().numpy()
        return self.net(Ragged(words.features[words.mask], lengths), words.unit)

    def save_assets(self, folder: Path) -> None:
        """Write what the encoder of words learned."""
        self.words.save_assets(folder)

    def load_assets(self, folder: Path) -> None:
        """Read what the encoder of words learned."""
        self.words.load_assets(folder)

    def summary(self) -> dict[str, Any]:
        """What the encoder of words tells."""
        return self.words.summary()
