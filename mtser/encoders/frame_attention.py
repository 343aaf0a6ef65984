"""From the states of a word's frames to one vector (eqs. 6 and 7)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mtser.errors import ConfigError


class FrameAttention(nn.Module):
    """Weights over the frames of each word, and the weighted sum of their states.

    With a text query, s_ij = h_ij^T W_a e_i (eq. 6), where e_i is the word's vector from the text encoder; without one,
    either s_ij = h_ij^T q with a learned q ("learned": self-attention) or equal weights ("mean": the paper's WR*).
    a_i = sum_j alpha_ij h_ij (eq. 7).

    Parameters
    ----------
    size
        Of the states h.
    query_size
        Of e_i; None for no text query.
    without_query
        "learned" or "mean": what weighs the frames if there is no text query.
    norm
        "softmax": alpha_ij = softmax_j(s_ij). "sigmoid": sigmoid(s_ij) over its sum. Eq. 6 as printed has neither
        and sums over words, which lets weights be negative and mixes words: both are taken as misprints.

    Example
    -------
    >>> attention = FrameAttention(size=2, query_size=3)
    >>> states, word_of_state = torch.ones(4, 2), torch.tensor([0, 0, 0, 1])
    >>> attention(states, word_of_state, 2, torch.randn(2, 3))
    tensor([[1., 1.],
            [1., 1.]], grad_fn=<IndexAddBackward0>)
    """

    def __init__(
        self,
        size: int = 50,
        query_size: int | None = 100,
        without_query: str = "learned",
        norm: str = "softmax",
    ) -> None:
        super().__init__()
        if without_query not in ("learned", "mean"):
            raise ConfigError(f"without_query is {without_query!r}; it can be learned or mean.")
        if norm not in ("softmax", "sigmoid"):
            raise ConfigError(f"norm of the attention over frames is {norm!r}; it can be softmax or sigmoid.")
        self.size = size
        self.query_size = query_size
        self.norm = norm
        self.weight: nn.Linear | None = None
        self.query: nn.Parameter | None = None
        if query_size is not None:
            self.weight = nn.Linear(query_size, size, bias=False)
        elif without_query == "learned":
            self.query = nn.Parameter(torch.randn(size) * size**-0.5)

    def forward(self, states: Tensor, word: Tensor, n_words: int, queries: Tensor | None = None) -> Tensor:
        """Weigh and sum.

        Parameters
        ----------
        states
            ``[frames, size]``, in any order.
        word
            ``[frames]``: the word that each frame belongs to; every word has one at least.
        n_words
            How many words there are.
        queries
            ``[words, query_size]``, with a text query.

        Returns
        -------
        Tensor
            ``[words, size]``.
        """
        weighted = self.weights(states, word, n_words, queries).unsqueeze(1) * states
        return weighted.new_zeros(n_words, states.shape[1]).index_add(0, word, weighted)

    def weights(self, states: Tensor, word: Tensor, n_words: int, queries: Tensor | None = None) -> Tensor:
        """alpha: ``[frames]``, summing to 1 over the frames of each word."""
        if self.weight is not None:
            assert queries is not None, "this attention has a text query"
            scores = (states * self.weight(queries)[word]).sum(1)
        elif self.query is not None:
            scores = states @ self.query
        else:
            scores = states.new_zeros(len(states))
        # Half precision, which mixed precision brings, is too coarse to add up the weights of a word.
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        if self.norm == "sigmoid":  # over its sum it is the softmax of its logarithm, which never divides 0 by 0
            scores = F.logsigmoid(scores)
        # Any shift that is the same in one word leaves the softmax as it is; the greatest keeps exp in range.
        lowest = scores.new_full((n_words,), -torch.inf)
        greatest = lowest.scatter_reduce(0, word, scores.detach(), "amax", include_self=False)
        relative = (scores - greatest[word]).exp()
        return relative / relative.new_zeros(n_words).index_add(0, word, relative)[word]
