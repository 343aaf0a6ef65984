"""What an encoder is."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import nn

from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.features.input import Input
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class Encoder(nn.Module, ABC):
    """Frames or words → one vector a word (or another unit).

    A subclass sets ``output_size`` and ``inputs`` and implements :meth:`forward`.

    Attributes
    ----------
    output_size
        Width of the vectors that it returns.
    inputs
        What it reads from the corpus; :meth:`forward` finds the data as ``batch[input]``.
    input_sizes
        Name → width of the earlier encoders' vectors that it reads, if any.
    n_preceding
        How many turns before an utterance it looks at (``batch.turns``); 0 for none.
    """

    output_size: int
    input_sizes: Mapping[str, int] = {}
    inputs: tuple[Input, ...] = ()
    n_preceding: int = 0

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus that can never feed this encoder; the default takes every corpus.

        Raises
        ------
        NotApplicableError
            With what the corpus lacks.
        """

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Learn what has to be known before training, from the training part of the fold only; default: nothing.

        Parameters
        ----------
        utterances
            The training part.
        data
            Its data of those inputs that have a key, that is, need no learning.
        """

    @abstractmethod
    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode a batch.

        Parameters
        ----------
        batch
            The data of ``inputs``.
        earlier
            What the encoders before this one in the model returned.
        """

    def save_assets(self, folder: Path) -> None:
        """Write what :meth:`fit` learned and the weights do not hold (a vocabulary); default: nothing."""

    def load_assets(self, folder: Path) -> None:
        """Read what :meth:`save_assets` wrote, before weights are loaded; default: nothing."""

    def summary(self) -> dict[str, Any]:
        """What was learned, for the report ("words in the vocabulary": 2310); JSON types; default: nothing."""
        return {}
