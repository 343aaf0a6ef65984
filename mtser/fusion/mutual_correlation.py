"""Stacked attention of two modalities, each with its keys corrected by the other's (Gu et al. 2019)."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.attention import attention_record
from mtser.checks import check_whole_number
from mtser.errors import ConfigError, ModelError
from mtser.fusion.positions import sinusoids
from mtser.sequence import Sequence, Sequences


class MutualCorrelation(nn.Module):
    """Layers of self-attention in which the keys of a modality know those of the other.

    The items of both modalities are the same words, or the same turns of a dialog, one by one. In every layer, with
    item vectors as columns, for the audio (and mirrored for the text)::

        q_ai = Q_a x_ai,  k_ai = K_a x_ai,  v_ai = V_a x_ai         cut into heads of width d
        k'_ai = k_ai + F_a k_ti                                     F_a: the mutual correlation factor, d × d
        o_ai = sum_j softmax_j(q_ai^T k'_aj / sqrt(d)) v_aj
        x_ai = LayerNorm(x_ai + O_a o_ai + b_a)                     o_ai of all heads together

    Parameters
    ----------
    modalities
        Name → width of its vectors, of two. A modality of another width than ``size`` first goes through one linear
        map.
    size
        Of the items' vectors, all heads together.
    n_heads
        Any divisor of ``size``.
    n_layers
        How many layers one after the other.
    positions
        "sinusoidal" or "none". Words are counted from the first one; turns back from the last, the one that is judged.
    dropout
        On the attention weights and on what each layer adds.

    Notes
    -----
    Source: Y. Gu, X. Lyu, W. Sun, W. Li, S. Chen, X. Li, I. Marsic: Mutual Correlation Attentive Factors in Dyadic
    Fusion Networks for Speech Emotion Recognition, ACM Multimedia 2019, and the code that the authors published. There
    the text's keys are corrected by the audio's *corrected* ones (here by its own, so that neither modality goes
    first), and something else follows the attention (hparams/mcaf.yaml tells).

    Example
    -------
    >>> words = lambda size: Sequence(torch.randn(2, 7, size), torch.tensor([7, 4]), "word")
    >>> fused = MutualCorrelation({"audio": 50, "text": 200})({"audio": words(50), "text": words(200)})
    >>> {name: tuple(sequence.features.shape) for name, sequence in fused.items()}
    {'audio': (2, 7, 200), 'text': (2, 7, 200)}
    """

    def __init__(
        self,
        modalities: Mapping[str, int],
        *,
        size: int = 200,
        n_heads: int = 10,
        n_layers: int = 4,
        positions: str = "sinusoidal",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if len(modalities) != 2:
            raise ConfigError(f"mutual correlation relates two modalities, but got {list(modalities)}.")
        for name, value in (("n_heads", n_heads), ("n_layers", n_layers)):
            check_whole_number(name, value)
        if size % n_heads:
            raise ConfigError(f"the attention's size {size} is not divisible by its {n_heads} heads.")
        if positions not in ("sinusoidal", "none"):
            raise ConfigError(f"positions is {positions!r}; it can be sinusoidal or none.")
        self.input_sizes = dict(modalities)
        self.output_sizes = dict.fromkeys(modalities, size)
        self.positions = positions
        self.project = nn.ModuleDict(
            {name: nn.Identity() if width == size else nn.Linear(width, size) for name, width in modalities.items()}
        )
        self.layers = nn.ModuleList(_Layer(tuple(modalities), size, n_heads, dropout) for _ in range(n_layers))

    def forward(self, sequences: Sequences) -> Sequences:
        """``[batch, items, width of the modality]`` → ``[batch, items, size]``; padding gets no attention."""
        chosen = {name: sequences[name] for name in self.input_sizes}
        first, second = chosen.values()
        if first.unit != second.unit or first.features.shape[:2] != second.features.shape[:2]:
            raise ModelError(
                f"mutual correlation needs the same items on both sides, but {' and '.join(chosen)} have "
                f"{first.features.shape[1]} {first.unit}s and {second.features.shape[1]} {second.unit}s."
            )
        if (record := attention_record()) is not None:
            record.saw(chosen)
        items = {name: self.project[name](sequence.masked().features) for name, sequence in chosen.items()}
        if self.positions == "sinusoidal":
            items = {name: features + _positions(first, features) for name, features in items.items()}
        mask = first.mask[:, None, None, :]
        for layer in self.layers:
            items = layer(items, mask)
        return {name: sequence.with_features(items[name]) for name, sequence in chosen.items()}


class _Layer(nn.Module):
    """One layer of both modalities."""

    def __init__(self, names: tuple[str, ...], size: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads

        def each(width: int, bias: bool = False) -> nn.ModuleDict:
            return nn.ModuleDict({name: nn.Linear(width, width, bias=bias) for name in names})

        self.query, self.key, self.value, self.factor = each(size), each(size), each(size), each(size // n_heads)
        self.output = each(size, bias=True)
        self.norm = nn.ModuleDict({name: nn.LayerNorm(size) for name in names})
        self.dropout = nn.Dropout(dropout)

    def forward(self, items: dict[str, Tensor], mask: Tensor) -> dict[str, Tensor]:
        keys = {name: self._heads(self.key[name](features)) for name, features in items.items()}
        fused = {}
        for (name, features), other in zip(items.items(), reversed(keys), strict=True):
            queries, corrected = self._heads(self.query[name](features)), keys[name] + self.factor[name](keys[other])
            if (record := attention_record()) is not None:
                record.heads(name, queries, corrected)
            attended = F.scaled_dot_product_attention(
                queries,
                corrected,
                self._heads(self.value[name](features)),
                attn_mask=mask,
                dropout_p=self.dropout.p if self.training else 0.0,
            )
            added = self.dropout(self.output[name](attended.transpose(1, 2).flatten(2)))
            fused[name] = self.norm[name](features + added)
        return fused

    def _heads(self, projected: Tensor) -> Tensor:
        """``[batch, items, size]`` → ``[batch, heads, items, size / heads]``."""
        return projected.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)


def _positions(sequence: Sequence, like: Tensor) -> Tensor:
    """What is added to the items: ``[items, size]`` for words, ``[batch, items, size]`` for turns."""
    table = sinusoids(*like.shape[1:]).to(like)
    if sequence.unit != "turn":
        return table
    places = torch.arange(like.shape[1], device=like.device)
    return table[(sequence.lengths.unsqueeze(1) - 1 - places).clamp(min=0)]
