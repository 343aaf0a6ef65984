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
        "sum"; "mean"; "scaled_sum": the sum over √n of n items, whose spread does not grow with n as a sum's does, nor
        fall as a mean's; or "attention": softmax_i(h_i^T q) with a learned q weighs the items.
    dropout
        On the items, before they are put together.

    Example
    -------
    >>> words = Sequence(torch.tensor([[[1.], [3.], [9.]]]), torch.tensor([2]), "word")
    >>> Aggregate(1, "mean")(words)
    tensor([[2.]])
    """

    def __init__(self, size: int, kind: str, dropout: float = 0.0) -> None:
        super().__init__()
        if kind not in ("sum", "mean", "scaled_sum", "attention"):
            raise ConfigError(f"aggregation over words is {kind!r}; it can be sum, mean, scaled_sum or attention.")
        self.kind = kind
        self.dropout = nn.Dropout(dropout)
        self.query = nn.Parameter(torch.randn(size) * size**-0.5) if kind == "attention" else None

    def forward(self, sequence: Sequence) -> Tensor:
        """``[batch, items, size]`` → ``[batch, size]``."""
        items = self.dropout(sequence.masked().features)
        if self.query is not None:
            return (self.weights(sequence).unsqueeze(1) @ items).squeeze(1)
        total, n_items = items.sum(1), sequence.lengths.unsqueeze(1)
        if self.kind == "scaled_sum":
            return total / n_items.to(total).sqrt()
        return total / n_items if self.kind == "mean" else total

    def weights(self, sequence: Sequence) -> Tensor:
        """``[batch, items]``: what each item counts, 1 in all; equal weights for "sum", "mean" and "scaled_sum"."""
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
        "mean", "sum", "scaled_sum" or "attention".
    dropout
        On the items.

    Example
    -------
    >>> words = Sequence(torch.randn(2, 7, 50), torch.tensor([7, 4]), "word")
    >>> Pooling(["audio"])({"audio": words}).shape
    torch.Size([2, 50])
    """

    def __init__(
        self,
        modalities: Iterable[str] = ("audio", "text"),
        *,
        size: int = 50,
        aggregate: str = "mean",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        if not self.modalities:
            raise ConfigError("pooling needs the names of the modalities that it shall pool.")
        self.input_sizes = dict.fromkeys(self.modalities, size)
        self.output_size = size * len(self.modalities)
        self.aggregate = nn.ModuleDict({name: Aggregate(size, aggregate, dropout) for name in self.modalities})

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, size]}`` → ``[batch, size × modalities]``."""
        for name in self.modalities:
            self.aggregate[name].record(name, sequences[name])  # type: ignore[operator]
        return torch.cat([self.aggregate[name](sequences[name]) for name in self.modalities], dim=1)
