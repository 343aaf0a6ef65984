"""Some utterances, ready for a model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mtser.features.input import Input
from mtser.ragged import Ragged
from mtser.sequence import Sequence


@dataclass(frozen=True)
class Batch:
    """The data of some utterances.

    Parameters
    ----------
    n_words
        ``[utterances]``, int64 on the CPU: words of each utterance.
    data
        For every input of the model its rows: one a word of the batch, or one an utterance (``Input.unit``).
    turns
        Only for a model that looks at dialogs: one row an utterance that is to be judged, its items the numbers in
        this batch of the turns before it in its dialog, in order of time, and last its own. The batch then has more
        utterances than are judged.

    Example
    -------
    >>> batch = Batch(np.array([2, 1]), {})
    >>> batch.sequence(torch.tensor([[1.], [2.], [3.]])).features.squeeze(-1)
    tensor([[1., 2.],
            [3., 0.]])
    """

    n_words: np.ndarray
    data: Mapping[Input, Ragged]
    turns: Ragged | None = None

    def __len__(self) -> int:
        """Utterances, those that are only context included."""
        return len(self.n_words)

    def __getitem__(self, input: Input) -> Ragged:
        return self.data[input]

    def sequence(self, words: Tensor) -> Sequence:
        """``[words of the batch, dim]`` → the sequence ``[utterances, words, dim]``."""
        return Sequence.from_rows(Ragged(words, self.n_words), "word")

    @staticmethod
    def vectors(vectors: Tensor) -> Sequence:
        """``[utterances, dim]`` → the sequence ``[utterances, 1, dim]`` of unit "utterance"."""
        ones = torch.ones(len(vectors), dtype=torch.int64, device=vectors.device)
        return Sequence(vectors.unsqueeze(1), ones, "utterance")
