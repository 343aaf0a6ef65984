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
    """The data of some utterances, one row a word of the batch for every input.

    Parameters
    ----------
    n_words
        ``[batch]``, int64 on the CPU: words of each utterance.
    data
        For every input of the model ``[words of the batch]`` rows.

    Example
    -------
    >>> batch = Batch(np.array([2, 1]), {})
    >>> batch.sequence(torch.tensor([[1.], [2.], [3.]])).features.squeeze(-1)
    tensor([[1., 2.],
            [3., 0.]])
    """

    n_words: np.ndarray
    data: Mapping[Input, Ragged]

    def __getitem__(self, input: Input) -> Ragged:
        return self.data[input]

    def sequence(self, words: Tensor) -> Sequence:
        """``[words of the batch, dim]`` → the sequence ``[batch, words, dim]``."""
        lengths = torch.from_numpy(self.n_words).to(words.device, non_blocking=True)
        return Sequence(Ragged(words, self.n_words).pad(), lengths, "word")
