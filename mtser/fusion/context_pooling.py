"""From attended items to one vector of the utterance that is judged."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from mtser.attention import attention_record
from mtser.errors import ConfigError
from mtser.sequence import Sequence, Sequences


class ContextPooling(nn.Module):
    """Of the turns of a dialog the last one, which is the one to be judged; of words the maximum of each dimension.

    Parameters
    ----------
    modalities
        Any number, in the order of concatenation.
    size
        Of the items' vectors.

    Example
    -------
    >>> items = torch.tensor([[[1., 5.], [3., 4.], [9., 9.]]])
    >>> ContextPooling(["text"], size=2)({"text": Sequence(items, torch.tensor([2]), "word")})
    tensor([[3., 5.]])
    >>> ContextPooling(["text"], size=2)({"text": Sequence(items, torch.tensor([2]), "turn")})
    tensor([[3., 4.]])
    """

    def __init__(self, modalities: Iterable[str] = ("audio", "text"), *, size: int) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        if not self.modalities:
            raise ConfigError("pooling needs the names of the modalities that it shall pool.")
        self.input_sizes = dict.fromkeys(self.modalities, size)
        self.output_size = size * len(self.modalities)

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, size]}`` → ``[batch, size × modalities]``."""
        if (record := attention_record()) is not None:
            for name in self.modalities:
                record.saw({name: sequences[name]})
                record.pool(name, _weights(sequences[name]), attention=False)
        return torch.cat([_last(one) if one.unit == "turn" else one.maximum() for one in self._of(sequences)], dim=1)

    def _of(self, sequences: Sequences) -> list[Sequence]:
        return [sequences[name] for name in self.modalities]


def _weights(sequence: Sequence) -> Tensor:
    """``[batch, items]``: all on the last turn, or of words the share of dimensions in which each is the greatest."""
    if sequence.unit == "turn":
        return torch.nn.functional.one_hot(sequence.lengths - 1, sequence.features.shape[1]).float()
    greatest = sequence.features.masked_fill(~sequence.mask.unsqueeze(-1), -torch.inf).argmax(1)
    return torch.nn.functional.one_hot(greatest, sequence.features.shape[1]).float().mean(1)


def _last(sequence: Sequence) -> Tensor:
    rows = torch.arange(len(sequence.lengths), device=sequence.features.device)
    return sequence.features[rows, sequence.lengths - 1]
