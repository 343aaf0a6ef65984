"""Utterances in the context of their dialog."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtser.checks import check_whole_number
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.errors import NotApplicableError
from mtser.features.input import Input
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class DialogTurns:
    """The turns before an utterance in its dialog, and last its own: one vector a turn.

    Later turns and other dialogs are never looked at, nor are labels of the turns before.

    Parameters
    ----------
    n_preceding
        How many turns before the utterance, at most.

    Example
    -------
    >>> import numpy as np, torch
    >>> words = Ragged(torch.tensor([[1.0], [4.0], [2.0]]), np.array([1, 2]))
    >>> turns = Ragged(torch.tensor([0, 1]), np.array([2]))  # the second utterance is judged, the first goes before it
    >>> batch = Batch(words.lengths, {}, turns)
    >>> DialogTurns(n_preceding=1).of(Sequence.from_rows(words, "word"), batch).features
    tensor([[[1.],
             [4.]]])
    """

    def __init__(self, n_preceding: int = 8) -> None:
        check_whole_number("n_preceding", n_preceding)
        self.n_preceding = n_preceding

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus that tells of no utterance where it stands in a dialog.

        Raises
        ------
        NotApplicableError
            That says so.
        """
        if all(one.dialog is None or one.start is None for one in corpus.utterances):
            raise NotApplicableError(
                f"the corpus {corpus.name} has no dialogs (it does not tell which turn follows which), and the context "
                "of an utterance is made of the turns before it (a table of your own tells them in its columns dialog "
                "and dialog_start)."
            )

    def of(self, utterances: Sequence, batch: Batch) -> Sequence:
        """All utterances of a batch ``[utterances, items, dim]`` → turns of those to be judged ``[batch, turns, dim]``.

        The vector of a turn is the maximum of each dimension over its items (words). It is made once, even if it stands
        before several utterances of the batch.
        """
        assert batch.turns is not None, "the data are made for the model's n_preceding"
        vectors = utterances.maximum().index_select(0, batch.turns.values)
        return Sequence.from_rows(Ragged(vectors, batch.turns.lengths), "turn")


class InContext(Encoder):
    """An encoder of utterances, and what stands around them: attention behind it goes over words, or over turns.

    Parameters
    ----------
    encoder
        Of the words of an utterance (or of utterances).
    context
        The turns of its dialog; None leaves the words of the utterance alone.

    Example
    -------
    >>> from mtser.encoders import WordEmbedding, WordTokenizer
    >>> InContext(WordEmbedding(WordTokenizer(), size=200), DialogTurns(n_preceding=4)).n_preceding
    4
    """

    def __init__(self, encoder: Encoder, context: DialogTurns | None = None) -> None:
        super().__init__()
        self.encoder = encoder
        self.context = context
        self.n_preceding = context.n_preceding if context else 0
        self.output_size = encoder.output_size
        self.input_sizes = encoder.input_sizes
        self.inputs = encoder.inputs

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus without dialogs, if there is a context."""
        self.encoder.check(corpus)
        if self.context is not None:
            self.context.check(corpus)

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Let the encoder learn."""
        self.encoder.fit(utterances, data)

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """The encoder's words ``[batch, words, output_size]``, or turns ``[batch, turns, output_size]``."""
        encoded = self.encoder(batch, earlier)
        return encoded if self.context is None else self.context.of(encoded, batch)

    def save_assets(self, folder: Path) -> None:
        """Write what the encoder learned."""
        self.encoder.save_assets(folder)

    def load_assets(self, folder: Path) -> None:
        """Read what the encoder learned."""
        self.encoder.load_assets(folder)

    def summary(self) -> dict[str, Any]:
        """What the encoder tells."""
        return self.encoder.summary()
