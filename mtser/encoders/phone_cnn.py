"""The phones of an utterance → one vector, by parallel filters of different widths."""

from collections.abc import Mapping
from collections.abc import Sequence as Several
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.features.input import Input
from mtser.features.word_phones import WordPhones
from mtser.pronunciation import Pronouncer
from mtser.ragged import Ragged
from mtser.sequence import Sequence, Sequences


class PhoneCNN(Encoder):
    """One trained vector a phone, parallel convolutions along all phones of the utterance, the greatest value of each.

    All filters' greatest values behind a ReLU, concatenated, go through one linear map and ReLU. Pauses and bounds of
    words are no phones.

    Parameters
    ----------
    pronouncer
        For words without phones in the corpus; None for espeak-ng if it is installed (see
        :class:`~mtser.features.word_phones.WordPhones`).
    size
        Width of a phone's vector.
    widths
        Of the filters, in phones.
    n_filters
        Of each width.
    output_size
        Width of the utterance's vector.

    Notes
    -----
    Source: Yenigalla et al., "Speech Emotion Recognition Using Spectrogram & Phoneme Embedding", Interspeech 2018. The
    sizes are ours; the phones' vectors are trained with the model, from scratch.

    Before and behind an utterance the filters see zeros, and places behind its end are not pooled: it gives the same
    alone and in a batch.

    Example
    -------
    >>> PhoneCNN().output_size
    100
    """

    def __init__(
        self,
        pronouncer: Pronouncer | None = None,
        *,
        size: int = 100,
        widths: Several[int] = (2, 3, 4, 5),
        n_filters: int = 32,
        output_size: int = 100,
    ) -> None:
        super().__init__()
        self.phones = WordPhones(pronouncer)
        self.inputs = (self.phones,)
        self.size = size
        self.embedding: nn.Embedding | None = None
        self.filters = nn.ModuleList(nn.Conv1d(size, n_filters, width) for width in widths)
        self.linear = nn.Linear(len(widths) * n_filters, output_size)
        self.output_size = output_size

    def fit(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> None:
        """Learn which phones the training part has."""
        self.phones.fit(utterances)
        self._build()

    def forward(self, batch: Batch, earlier: Sequences) -> Sequence:
        """Encode: ``[batch, 1, output_size]``."""
        assert self.embedding is not None, "fit or load_assets comes before forward"
        of_words = batch[self.phones]
        n_phones = np.add.reduceat(of_words.lengths, np.cumsum(batch.n_words) - batch.n_words)
        grid = Sequence.from_rows(Ragged(self.embedding(of_words.values), n_phones), "phone")
        phones = grid.features.transpose(1, 2)  # [batch, size, phones]
        pooled = [_pooled(filters, phones, grid.mask) for filters in self.filters]  # type: ignore[arg-type]
        return batch.vectors(torch.relu(self.linear(torch.cat(pooled, dim=1))))

    def save_assets(self, folder: Path) -> None:
        """Write which phones there are."""
        self.phones.save(folder)

    def load_assets(self, folder: Path) -> None:
        """Read which phones there are, and make an embedding of their number."""
        self.phones.restore(folder)
        self._build()

    def summary(self) -> dict[str, Any]:
        """Size of the vocabulary."""
        return {"phones in the vocabulary": len(self.phones)}

    def _build(self) -> None:
        self.embedding = nn.Embedding(len(self.phones), self.size)
        with torch.no_grad():  # nothing trains <unk>: it says nothing instead of noise
            self.embedding.weight[0] = 0.0


def _pooled(filters: nn.Conv1d, phones: Tensor, inside: Tensor) -> Tensor:
    """The greatest value of each filter: ``[batch, filters]``."""
    (width,) = filters.kernel_size
    found = filters(F.pad(phones, ((width - 1) // 2, width - 1 - (width - 1) // 2)))
    return torch.relu(found.masked_fill(~inside.unsqueeze(1), -torch.inf).amax(2))
