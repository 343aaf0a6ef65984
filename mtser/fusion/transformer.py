"""MT: one transformer a modality, with shared query and key weights (section 3.1, eqs. 1-4)."""

from collections.abc import Iterable, Mapping

from torch import Tensor, nn
from torch.nn import functional as F

from mtser.attention import attention_record
from mtser.errors import ConfigError
from mtser.fusion.positions import Positions
from mtser.sequence import Sequences

PROJECTIONS = ("q", "k", "v")


class SharedTransformer(nn.Module):
    """Transformers over the words of any number of modalities, sharing some of their weights.

    Parameters
    ----------
    modalities
        Name → width of its vectors. A modality of another width than ``size`` first goes through one linear map.
    size
        Of the model, d.
    n_heads
        Any divisor of ``size``.
    n_blocks
        How many blocks one after the other (section 4.2: two).
    share
        Which of "q", "k", "v" is one tensor for all modalities in each block. The paper's is q and k (eqs. 1 and 2,
        starred); "none" (or an empty list) gives independent transformers (Table 2, "MI+WR").
    positions
        "sinusoidal", "learned" or "none".
    norm
        "post": after each residual sum, as in Vaswani et al. "pre": before each sub-layer, and once at the end.
    dropout
        On the attention weights and on what each sub-layer adds. The paper has dropout only in the classifier (0 here).
    input_dropout
        On the sum of a word's vector and its position (Vaswani et al., section 5.4).
    feed_forward
        Width of the feed-forward part over ``size``.
    longest
        How many items "learned" positions reach.

    Example
    -------
    >>> import torch
    >>> from mtser.sequence import Sequence
    >>> words = lambda size: Sequence(torch.randn(2, 7, size), torch.tensor([7, 4]), "word")
    >>> fused = SharedTransformer({"text": 100, "audio": 50})({"text": words(100), "audio": words(50)})
    >>> {name: tuple(sequence.features.shape) for name, sequence in fused.items()}
    {'text': (2, 7, 50), 'audio': (2, 7, 50)}
    """

    def __init__(
        self,
        modalities: Mapping[str, int],
        *,
        size: int = 50,
        n_heads: int = 5,
        n_blocks: int = 2,
        share: Iterable[str] | None = ("q", "k"),
        positions: str = "sinusoidal",
        norm: str = "post",
        dropout: float = 0.1,
        feed_forward: int = 4,
        longest: int = 128,
        input_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        shared = () if share == "none" else tuple(share or ())
        if unknown := [name for name in shared if name not in PROJECTIONS]:
            raise ConfigError(f"share names {unknown[0]!r}; it can name q, k and v.")
        if n_heads < 1 or size % n_heads:
            raise ConfigError(f"the transformer's size {size} is not divisible by its {n_heads} heads.")
        if norm not in ("post", "pre"):
            raise ConfigError(f"norm of the transformer is {norm!r}; it can be post or pre.")
        self.input_sizes = dict(modalities)
        self.output_sizes = dict.fromkeys(modalities, size)
        self.share = shared
        self.input_dropout = nn.Dropout(input_dropout)
        self.project = nn.ModuleDict(
            {name: nn.Identity() if width == size else nn.Linear(width, size) for name, width in modalities.items()}
        )
        self.positions = nn.ModuleDict({name: Positions(size, positions, longest) for name in modalities})
        self.blocks = nn.ModuleList(
            _Block(list(modalities), size, n_heads, shared, norm, dropout, feed_forward) for _ in range(n_blocks)
        )
        self.last_norm = nn.ModuleDict(
            {name: nn.LayerNorm(size) if norm == "pre" else nn.Identity() for name in modalities}
        )

    def forward(self, sequences: Sequences) -> Sequences:
        """``[batch, items, width of the modality]`` → ``[batch, items, size]``; padding gets no attention."""
        if (record := attention_record()) is not None:
            record.saw({name: sequences[name] for name in self.input_sizes})
        fused = {}
        for name in self.input_sizes:
            sequence = sequences[name]
            features = self.input_dropout(self.positions[name](self.project[name](sequence.masked().features)))
            for block in self.blocks:
                features = block(name, features, sequence.mask)
            fused[name] = sequence.with_features(self.last_norm[name](features))
        return fused


class _Block(nn.Module):
    """One block of every modality: self-attention, then the feed-forward part."""

    def __init__(
        self, names: list[str], size: int, n_heads: int, share: tuple[str, ...], norm: str, dropout: float, wider: int
    ) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.share = share
        self.post_norm = norm == "post"
        self.dropout = nn.Dropout(dropout)
        self.projections = nn.ModuleDict(
            {
                projection: nn.ModuleDict(
                    {key: nn.Linear(size, size) for key in (["shared"] if projection in share else names)}
                )
                for projection in PROJECTIONS
            }
        )
        self.output = nn.ModuleDict({name: nn.Linear(size, size) for name in names})
        self.feed_forward = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Linear(size, wider * size), nn.ReLU(), nn.Linear(wider * size, size))
                for name in names
            }
        )
        self.attention_norm = nn.ModuleDict({name: nn.LayerNorm(size) for name in names})
        self.feed_forward_norm = nn.ModuleDict({name: nn.LayerNorm(size) for name in names})

    def forward(self, name: str, features: Tensor, mask: Tensor) -> Tensor:
        attention_norm, feed_forward_norm = self.attention_norm[name], self.feed_forward_norm[name]
        feed_forward = self.feed_forward[name]
        if self.post_norm:
            features = attention_norm(features + self.dropout(self._attend(name, features, mask)))
            return feed_forward_norm(features + self.dropout(feed_forward(features)))
        features = features + self.dropout(self._attend(name, attention_norm(features), mask))
        return features + self.dropout(feed_forward(feed_forward_norm(features)))

    def _attend(self, name: str, features: Tensor, mask: Tensor) -> Tensor:
        """Eq. 4, in ``n_heads`` parts of the width."""
        q, k, v = (self._project(projection, name, features) for projection in PROJECTIONS)
        if (record := attention_record()) is not None:
            record.heads(name, q, k)
        attended = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask[:, None, None, :], dropout_p=self.dropout.p if self.training else 0.0
        )
        return self.output[name](attended.transpose(1, 2).flatten(2))

    def _project(self, projection: str, name: str, features: Tensor) -> Tensor:
        """Eqs. 1-3: ``[batch, items, size]`` → ``[batch, heads, items, size / heads]``."""
        key = "shared" if projection in self.share else name
        projected = self.projections[projection][key](features)  # type: ignore[index]
        return projected.unflatten(-1, (self.n_heads, -1)).transpose(1, 2)
