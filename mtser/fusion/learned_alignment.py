"""Every word looks for its own frames among all frames of the utterance (Xu et al. 2019): no word times are needed."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.attention import attention_record, head_mean
from mtser.errors import ConfigError, ModelError
from mtser.fusion.additive_scores import AdditiveScores
from mtser.sequence import Sequence, Sequences


class DotProductAttention(nn.Module):
    """Scaled dot-product attention in heads (Vaswani et al. 2017), computed in one piece that keeps no weights.

    Parameters
    ----------
    size
        Of the items on both sides, and of what comes out.
    n_heads
        Any divisor of ``size``.

    Raises
    ------
    ConfigError
        If it is none.
    """

    def __init__(self, size: int = 200, n_heads: int = 8) -> None:
        super().__init__()
        if n_heads < 1 or size % n_heads:
            raise ConfigError(f"the attention's size {size} is not divisible by its {n_heads} heads.")
        self.size = size
        self.n_heads = n_heads
        self.query, self.key, self.value, self.output = (nn.Linear(size, size) for _ in range(4))

    def weights(self, queries: Sequence, items: Sequence) -> Tensor:
        """Of the first utterance, the mean over the heads: ``[1, n, m]``."""
        q, k = self.query(queries.features[:1]), self.key(items.features[:1])
        q, k = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in (q, k))
        return head_mean(q, k, int(items.lengths[0]))

    def forward(self, queries: Sequence, items: Sequence) -> Tensor:
        """A weighted sum over ``items [batch, m, size]`` for each of ``queries [batch, n, size]``."""
        q, k, v = self.query(queries.features), self.key(items.features), self.value(items.features)
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in (q, k, v))
        found = F.scaled_dot_product_attention(q, k, v, attn_mask=items.mask[:, None, None, :])
        return self.output(found.transpose(1, 2).flatten(2))


class AdditiveAttention(nn.Module):
    """Additive attention (Bahdanau et al. 2015): s_ij = v^T tanh(W_q w_i + W_h h_j + b), Σ_j softmax_j(s_ij) h_j.

    Parameters
    ----------
    size
        Of the items on both sides, and of what comes out.
    hidden_size
        Of v.
    """

    def __init__(self, size: int = 200, hidden_size: int = 200) -> None:
        super().__init__()
        self.size = size
        self.query = nn.Linear(size, hidden_size)
        self.key = nn.Linear(size, hidden_size, bias=False)
        self.score = nn.Parameter(torch.empty(hidden_size).uniform_(-(hidden_size**-0.5), hidden_size**-0.5))

    def forward(self, queries: Sequence, items: Sequence) -> Tensor:
        """A weighted sum over ``items [batch, m, size]`` for each of ``queries [batch, n, size]``."""
        weights = self.weights(queries, items)
        with _full_precision(weights):
            return weights @ items.features.to(weights.dtype)

    def weights(self, queries: Sequence, items: Sequence) -> Tensor:
        """``[batch, n, m]``, rows sum to 1."""
        a, b = self.query(queries.features), self.key(items.features)
        lengths = queries.lengths.tolist(), items.lengths.tolist()
        with _full_precision(a):
            scores = AdditiveScores.apply(a.to(self.score.dtype), b.to(self.score.dtype), self.score, *lengths)
            # A query on padding has no scores; equal weights keep it finite.
            return scores.masked_fill(~queries.mask.unsqueeze(2), 0.0).softmax(2)


def _full_precision(like: Tensor) -> torch.autocast:
    """Half precision is too coarse to add up many frames."""
    return torch.autocast(like.device.type, enabled=False)


class LearnedAlignment(nn.Module):
    """[word; aligned speech]: behind each word's vector what its attention over all frames brings.

    Parameters
    ----------
    attention
        Words and frames → one vector a word.
    words, frames
        The modalities.
    size
        Of the vectors of either.
    dropout
        On what the attention brings.

    Raises
    ------
    ModelError
        If the attention has another size.

    Example
    -------
    >>> text = Sequence(torch.randn(2, 3, 200), torch.tensor([3, 1]), "word")
    >>> audio = Sequence(torch.randn(2, 70, 200), torch.tensor([70, 40]), "frame")
    >>> aligned = LearnedAlignment(DotProductAttention(200))({"text": text, "audio": audio})["aligned"]
    >>> aligned.features.shape, aligned.unit
    (torch.Size([2, 3, 400]), 'word')
    """

    def __init__(
        self, attention: nn.Module, *, words: str = "text", frames: str = "audio", size: int = 200, dropout: float = 0.5
    ) -> None:
        super().__init__()
        if attention.size != size:
            raise ModelError(
                f"the alignment's attention has size {attention.size}, but the words and frames have {size}."
            )
        self.attention = attention
        self.words = words
        self.frames = frames
        self.input_sizes = {words: size, frames: size}
        self.output_sizes = {"aligned": 2 * size}
        self.dropout = nn.Dropout(dropout)

    def forward(self, sequences: Sequences) -> Sequences:
        """``{words: [batch, words, size], frames: [batch, frames, size]}`` → ``aligned: [batch, words, 2 size]``."""
        words, frames = sequences[self.words].masked(), sequences[self.frames].masked()
        aligned = self.dropout(self.attention(words, frames))
        if (record := attention_record()) is not None and callable(weights := getattr(self.attention, "weights", None)):
            record.saw({self.words: words, self.frames: frames, "aligned": words})
            itself = torch.eye(words.features.shape[1], device=words.features.device).unsqueeze(0)
            looks = {("aligned", self.words): itself, ("aligned", self.frames): weights(words, frames)}
            record.mix(looks, own=False)
        return {"aligned": words.with_features(torch.cat([words.features, aligned], dim=2))}
