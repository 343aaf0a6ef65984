"""Attention that hops from one modality to the other and back (Yoon et al. 2019: MHA-1, MHA-2, MHA-3)."""

import torch
from torch import Tensor, nn

from mtser.errors import ConfigError, ModelError
from mtser.fusion.query_attention import attend
from mtser.sequence import Sequence, Sequences


class MultiHopAttention(nn.Module):
    """What was found in one modality asks the other one, several times.

    ::

        s   the summary of the first modality: the last state of each direction
        H1  = Σ_j softmax_j(h_j^T q1) h_j over the second modality's states,  q1 = W1 s  + b1
        H2  = the same over the first modality's states,                      q2 = W2 H1 + b2
        H3  = the same over the second modality's states,                     q3 = W3 H2 + b3

    What comes out is what was last made of each modality, the second modality's first: [H1; s] after one hop, [H1; H2]
    after two, [H3; H2] after three.

    Parameters
    ----------
    first, second
        The modalities; the first one's summary begins.
    size
        Of the states of either.
    hops
        1, 2 or 3.
    bidirectional
        The first modality's states are those of two directions: half a state's numbers are the second direction's,
        which ends at the first item.

    Raises
    ------
    ConfigError
        If there are no such hops.

    Example
    -------
    >>> states = lambda unit: Sequence(torch.randn(2, 7, 400), torch.tensor([7, 4]), unit)
    >>> MultiHopAttention(size=400, hops=2)({"audio": states("frame"), "text": states("word")}).shape
    torch.Size([2, 800])
    """

    def __init__(
        self, first: str = "audio", second: str = "text", *, size: int = 400, hops: int = 2, bidirectional: bool = True
    ) -> None:
        super().__init__()
        if hops not in (1, 2, 3):
            raise ConfigError(f"hops is {hops!r}; it can be 1, 2 or 3.")
        self.first = first
        self.second = second
        self.bidirectional = bidirectional
        self.input_sizes = {first: size, second: size}
        self.output_size = 2 * size
        self.project = nn.ModuleList(nn.Linear(size, size) for _ in range(hops))

    def forward(self, sequences: Sequences) -> Tensor:
        """``{name: [batch, items, size]}`` → ``[batch, 2 size]``."""
        states = {name: sequences[name].masked() for name in (self.first, self.second)}
        found = {self.first: self._summary(states[self.first])}
        here, there = self.first, self.second
        for project in self.project:
            found[there] = attend(project(found[here]), states[there], there)
            here, there = there, here
        return torch.cat([found[self.second], found[self.first]], dim=1)

    def _summary(self, states: Sequence) -> Tensor:
        """The last state of each direction: ``[batch, size]``."""
        if states.unit == "utterance":
            raise ModelError(
                f"hops go over the states of {self.first}, but its encoder gives one vector an utterance; let it "
                "return its states."
            )
        rows = torch.arange(len(states.lengths), device=states.lengths.device)
        ends = states.features[rows, states.lengths - 1]
        if not self.bidirectional:
            return ends
        half = ends.shape[1] // 2
        return torch.cat([ends[:, :half], states.features[:, 0, half:]], dim=1)
