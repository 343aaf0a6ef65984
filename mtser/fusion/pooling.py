"""From the words of each modality to one vector of the utterance, without looking at the other modality."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from mtser.attention import attention_record
from mtser.errors import ConfigError
from mtser.sequence import Sequence, Sequences


class Aggregate(nn.Module):
    """One vector from the real items of a sequence.

    Parameters
    ----------
    size
        Of an item.
    kind
        "sum", "mean", or "attention": softmax_i(h_i^T q) with a learned q weighs the items.

    Example
    -------
    >>> words = Sequence(torch.tensor([[[1.], [3.], [9.]]]), torch.tensor([2]), "word")
    >>> Aggregate(1, "mean")(words)
    tensor([[2.]])
    """

    def __init__(self, size: int, kind: str) -> None:
        super().__init__()
        if kind not in ("sum", "mean", "attention"):
            raise ConfigError(f"aggregation over words is {kind!r}; it can be sum, mean or attention.")
        self.kind = kind
        self.query = nn.Parameter(torch.randn(size) * size**-0.5) if kind == "attention" else None

    def forward(self, sequence: Sequence) -> Tensor:
        """``[batch, items, size]`` → ``[batch, size]``."""
        items = sequence.masked().features
        if self.query is not None:
            return (self.weights(sequence).unsqueeze(1) @ items).squeeze(1)
        total = items.sum(1)
        return total / sequence.lengths.unsqueeze(1) if self.kind == "mean" else total

    def weights(self, sequence: Sequence) -> Tensor:
        """``[batch, items]``: what each item counts, 1 in all; equal weights for "sum" and "mean"."""
        if self.query is None:
            return sequence.mask / sequence.lengths.unsqueeze(1)
        scores = (sequence.masked().features @ self.query).masked_fill(~sequence.mask, -torch.inf)
        return scores.softmax(1)

    def record(self, name: str, sequence: Sequence) -> None:
        """Tell the weights to who looks at the attention of the modality ``name``, if anyone does."""
        if (record := attention_record()) is not None:
            record.saw({name: sequence})
            record.pool(name, self.weights(sequence), attention=self.query is not None)


class Pooling(nn.Module):
    """Aggregate every modality and concatenate: what stands in MI's place in Table 2's "MT+WR" (mean).

    Parameters
    ----------
    modalities
        Any number, in the order of concatenation.
    size
        Of the items' vectors.
    aggregate
        "mean", "sum" or "attention".

    Example
    -------
    >>> words = Sequence(torch.randn(2, 7, 50), torch.tensor([7, 4]), "word")
    >>> Pooling(["audio"])({"audio": words}).shape
    torch.Size([2, 50])
    """

    def __init__(
        self, modalities: Iterable[str] = ("audio", "text"), *, size: int = 50, aggregate: str = "mean"
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        if not self.modalities:
            raise ConfigError("pooling needs the names of the modalities that it shall pool.")
        self.input_sizes = dict.fromkeys(self.modalities, size)
        self.output_size = size * len(self.modalities)
        self.aggregate = nn.ModuleDict({name: Aggregate(size, aggregate) for name in self.modalities})

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, size]}`` → ``[batch, size × modalities]``."""
        for name in self.modalities:
            self.aggregate[name].record(name, sequences[name])  # type: ignore[operator]
        return torch.cat([self.aggregate[name](sequences[name]) for name in self.modalities], dim=1)
