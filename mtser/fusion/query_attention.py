"""A vector of one modality looks at the states of another: the attention of MDREA and of the multi-hop systems."""

import torch
from torch import Tensor, nn

from mtser.attention import attention_record
from mtser.errors import ModelError
from mtser.sequence import Sequence, Sequences


class QueryAttention(nn.Module):
    """MDREA's attention: the audio vector a, mapped to the width of the text states h_j, asks for those it resembles.

    q = W a + b, α_j = softmax_j(h_j^T q), context = Σ_j α_j h_j; what comes out is [context; q].

    Parameters
    ----------
    query
        The modality that has one vector an utterance.
    over
        The modality whose items are looked at.
    query_size, size
        Widths of that vector, and of the items.

    Example
    -------
    >>> audio = Sequence(torch.randn(2, 1, 235), torch.tensor([1, 1]), "utterance")
    >>> text = Sequence(torch.randn(2, 7, 200), torch.tensor([7, 4]), "word")
    >>> QueryAttention(query_size=235, size=200)({"audio": audio, "text": text}).shape
    torch.Size([2, 400])
    """

    def __init__(self, query: str = "audio", over: str = "text", *, query_size: int = 235, size: int = 200) -> None:
        super().__init__()
        self.query = query
        self.over = over
        self.input_sizes = {query: query_size, over: size}
        self.output_size = 2 * size
        self.project = nn.Linear(query_size, size)

    def forward(self, sequences: Sequences) -> Tensor:
        """``{query: [batch, 1, query_size], over: [batch, items, size]}`` → ``[batch, 2 size]``."""
        query = self.project(vector_of(sequences, self.query))
        return torch.cat([attend(query, sequences[self.over].masked(), self.over), query], dim=1)


def attend(query: Tensor, items: Sequence, name: str = "items") -> Tensor:
    """Dot-product attention of one query an utterance: Σ_j softmax_j(h_j^T q) h_j.

    Parameters
    ----------
    query
        ``[batch, size]``.
    items
        ``[batch, items, size]``, with zeros on padding.
    name
        Of their modality, for who looks at the attention.

    Returns
    -------
    Tensor
        ``[batch, size]``.

    Example
    -------
    >>> items = Sequence(torch.tensor([[[1.0], [3.0], [0.0]]]), torch.tensor([2]), "word")
    >>> attend(torch.zeros(1, 1), items)
    tensor([[2.]])
    """
    scores = (items.features @ query.unsqueeze(2)).squeeze(2).masked_fill(~items.mask, -torch.inf)
    weights = scores.softmax(1)
    if (record := attention_record()) is not None:
        record.saw({name: items})
        record.pool(name, weights)
    return (weights.unsqueeze(1) @ items.features).squeeze(1)


def vector_of(sequences: Sequences, name: str) -> Tensor:
    """The one vector an utterance of a modality: ``[batch, size]``.

    Raises
    ------
    ModelError
        If the modality has words or frames.
    """
    sequence = sequences[name]
    if sequence.unit != "utterance":
        raise ModelError(
            f"one vector an utterance is needed of {name}, but its encoder gives one a {sequence.unit}; let it return "
            "the last state alone, or pool it."
        )
    return sequence.features.squeeze(1)
