"""MI: cooperation and interaction of the modalities (section 3.3, eqs. 8-11)."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from mtser.attention import attention_record
from mtser.errors import ConfigError, ModelError
from mtser.fusion.pooling import Aggregate
from mtser.sequence import Sequences


class CoAttention(nn.Module):
    """Each word of a modality gathers from all words of the others, then the words are summed.

    With H_a, H_t stored as rows, for the text (and mirrored for the audio)::

        c_ti = tanh(h_ti W_t^h H_a^T)         one relation to each word of the audio
        r_ti = c_ti H_a                        eq. 8 (audio: eq. 10)
        h_t  = sum_i tanh(W_t h_ti + r_ti)     eq. 9 (audio: eq. 11)

    Beyond the paper, which has two modalities: of more, each gathers from every other, with a relation W^h of its own
    for each pair, and r_ti is the sum over the others.

    Parameters
    ----------
    modalities
        Two or more, in the order in which their vectors are concatenated: the paper's [h_a; h_t].
    size
        Of the words' vectors, every modality's.
    aggregate
        Over words: "sum" (eqs. 9 and 11), "mean", "scaled_sum" (over √words) or "attention" (a learned query).
    dropout
        On what each word has gathered, tanh(W_t h_ti + r_ti), before the aggregation.

    Notes
    -----
    The number of words may differ between the modalities. Padding contributes exactly nothing.

    Example
    -------
    >>> from mtser.sequence import Sequence
    >>> words = Sequence(torch.randn(2, 7, 50), torch.tensor([7, 4]), "word")
    >>> CoAttention()({"text": words, "audio": words}).shape
    torch.Size([2, 100])
    """

    def __init__(
        self,
        modalities: Iterable[str] = ("audio", "text"),
        *,
        size: int = 50,
        aggregate: str = "sum",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.modalities = tuple(modalities)
        if len(self.modalities) < 2 or len(set(self.modalities)) < len(self.modalities):
            raise ConfigError(
                f"co-attention relates two or more modalities, but got {list(self.modalities)}; pool a single one with "
                "mtser.fusion.Pooling."
            )
        others = len(self.modalities) - 1
        self.input_sizes = dict.fromkeys(self.modalities, size)
        self.output_size = len(self.modalities) * size
        # W^h: one below the other for the other modalities, in the order of ``modalities``.
        self.relation = nn.ModuleDict({name: nn.Linear(size, others * size, bias=False) for name in self.modalities})
        self.own = nn.ModuleDict({name: nn.Linear(size, size, bias=False) for name in self.modalities})  # W
        self.aggregate = nn.ModuleDict({name: Aggregate(size, aggregate, dropout) for name in self.modalities})

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, size]}`` → ``[batch, size × modalities]``."""
        if missing := [name for name in self.modalities if name not in sequences]:
            raise ModelError(f"co-attention needs the modality {missing[0]!r}, but got {list(sequences)}.")
        masked = {name: sequences[name].masked() for name in self.modalities}
        vectors, relations, record = [], {}, attention_record()
        for name, here in masked.items():
            there = {other: sequence.features for other, sequence in masked.items() if other != name}
            related = self.relation[name](here.features).chunk(len(there), dim=-1)
            gathered = self.own[name](here.features)
            for query, (other, words) in zip(related, there.items(), strict=True):
                # Rows of zeros on padding make its column of c, and so its share of r, exactly zero.
                relation = torch.tanh(query @ words.transpose(1, 2))
                gathered = gathered + relation @ words
                relations[name, other] = relation
            sequence = here.with_features(torch.tanh(gathered))
            vectors.append((name, sequence))
        if record is not None:  # c has a sign: how much passes is its size
            record.saw(masked)
            record.mix({pair: relation.abs() for pair, relation in relations.items()})
        for name, sequence in vectors:
            self.aggregate[name].record(name, sequence)  # type: ignore[operator]
        return torch.cat([self.aggregate[name](sequence) for name, sequence in vectors], dim=1)
