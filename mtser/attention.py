"""What attention weighs, recorded while someone looks, and traced back to the items that went in.

Blocks tell their weights only inside of :func:`record_attention`. What they compute is the same inside and outside:
fused kernels, which keep no weights, still do the work, and the weights are computed beside them, for one utterance.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import torch
from torch import Tensor

from mtser.sequence import Sequence

Maps = dict[tuple[str, str], Tensor]
"""(modality that looks, modality that is looked at) → ``[its items, their items]``, rows sum to 1."""


@dataclass(frozen=True)
class _Mix:
    """A block that makes items of items.

    Parameters
    ----------
    maps
        Who looks at whom.
    own
        Whether each modality also keeps its own items as they are (a residual connection).
    """

    maps: Maps
    own: bool


@dataclass(frozen=True)
class _Pool:
    """A block that makes one vector of the items of a modality.

    Parameters
    ----------
    modality
        Whose items.
    weights
        ``[items]``, summing to 1.
    attention
        False for a plain sum, mean or maximum, which is no attention.
    """

    modality: str
    weights: Tensor
    attention: bool


class AttentionRecord:
    """The attention of a model over the first utterance of a batch.

    Attributes
    ----------
    units
        Modality → what its items are ("word", "frame", ...).

    Example
    -------
    >>> from mtser.fusion.pooling import Pooling
    >>> words = Sequence(torch.randn(1, 3, 50), torch.tensor([3]), "word")
    >>> with record_attention() as record:
    ...     _ = Pooling(["text"], aggregate="attention")({"text": words})
    >>> record.shares()["text"].shape
    torch.Size([3])
    """

    def __init__(self) -> None:
        self.units: dict[str, str] = {}
        self._lengths: dict[str, int] = {}
        self._blocks: list[_Mix | _Pool] = []

    def saw(self, sequences: Mapping[str, Sequence]) -> None:
        """Note what the items of some modalities are, and how many the first utterance has."""
        for name, sequence in sequences.items():
            self.units[name] = sequence.unit
            self._lengths[name] = int(sequence.lengths[0])

    def mix(self, maps: Mapping[tuple[str, str], Tensor], *, own: bool = True) -> None:
        """Note a block that makes items of items.

        Parameters
        ----------
        maps
            (modality that looks, modality that is looked at) → weights ``[batch, its items, their items]``, none of
            them negative; the rows are brought to a sum of 1.
        own
            Whether each modality also keeps its own items.
        """
        found = {
            (looks, at): _rows_to_one(weights[0, : self._lengths[looks], : self._lengths[at]].detach().double())
            for (looks, at), weights in maps.items()
        }
        self._blocks.append(_Mix(found, own))

    def heads(self, name: str, queries: Tensor, keys: Tensor) -> None:
        """Note the self-attention of a modality, the mean over its heads.

        Parameters
        ----------
        name
            Of the modality.
        queries, keys
            ``[batch, heads, items, size of a head]``.
        """
        self.mix({(name, name): head_mean(queries, keys, self._lengths[name])})

    def pool(self, name: str, weights: Tensor, *, attention: bool = True) -> None:
        """Note a block that makes one vector of a modality's items; ``weights [batch, items]``."""
        row = weights[0, : self._lengths[name]].detach().double()
        self._blocks.append(_Pool(name, row / row.sum().clamp(min=_TINY), attention))

    def maps(self) -> Maps:
        """Who looked at whom, the mean over the blocks that have such a map."""
        found: dict[tuple[str, str], list[Tensor]] = {}
        for block in self._blocks:
            if isinstance(block, _Mix):
                for pair, weights in block.maps.items():
                    found.setdefault(pair, []).append(weights)
        return {pair: torch.stack(weights).mean(0) for pair, weights in found.items()}

    def shares(self) -> dict[str, Tensor]:
        """How much of the model's attention each item got: modality → ``[items]``, summing to 1.

        The weights with which the items of a modality enter the vector of the utterance are followed back through the
        blocks before, as attention rollout does (Abnar and Zuidema 2020): through a block with the maps A and a
        residual connection, the share of the items of s is the mean of what they were given themselves and of what
        each modality t that looks at them passes on, p_s <- mean(p_s, p_t A_ts for every t). What is summed, averaged
        or taken by its maximum enters with equal weights (or the share of the dimensions in which an item is greatest).
        A modality that no attention touches is not among the results.

        Where a modality is pooled twice, the last time counts.
        """
        given: dict[str, Tensor] = {}
        attended: set[str] = set()
        for block in reversed(self._blocks):
            if isinstance(block, _Pool):
                if block.modality not in given:
                    given[block.modality] = block.weights
                    attended |= {block.modality} if block.attention else set()
                continue
            passed: dict[str, list[Tensor]] = {}
            if block.own:
                passed = {name: [share] for name, share in given.items()}
            looking = {looks for looks, _ in block.maps}
            for (looks, at), weights in block.maps.items():
                if looks in given:
                    passed.setdefault(at, []).append(given[looks] @ weights)
                    attended.add(at)
            kept = {name: share for name, share in given.items() if block.own or name not in looking}
            given = kept | {name: torch.stack(shares).mean(0) for name, shares in passed.items()}
        return {name: share for name, share in given.items() if name in attended}


_TINY = 1e-300
_ACTIVE: ContextVar[AttentionRecord | None] = ContextVar("attention_record", default=None)


@contextmanager
def record_attention() -> Iterator[AttentionRecord]:
    """Let blocks tell their attention over the first utterance of the batches that they see inside."""
    record = AttentionRecord()
    token = _ACTIVE.set(record)
    try:
        yield record
    finally:
        _ACTIVE.reset(token)


def attention_record() -> AttentionRecord | None:
    """Where a block tells its attention; None if nobody looks, as in training."""
    return _ACTIVE.get()


def head_mean(queries: Tensor, keys: Tensor, n_keys: int) -> Tensor:
    """softmax(q k^T / sqrt(d)) of the first utterance, the mean over its heads: ``[1, queries, keys]``.

    Parameters
    ----------
    queries, keys
        ``[batch, heads, items, size of a head]``.
    n_keys
        How many keys are real.

    Example
    -------
    >>> head_mean(torch.zeros(1, 2, 1, 4), torch.zeros(1, 2, 3, 4), 2)
    tensor([[[0.5000, 0.5000, 0.0000]]], dtype=torch.float64)
    """
    scores = queries[0].detach().double() @ keys[0].detach().double().transpose(1, 2) / queries.shape[-1] ** 0.5
    scores[..., n_keys:] = -torch.inf
    return scores.softmax(-1).mean(0, keepdim=True)


def _rows_to_one(weights: Tensor) -> Tensor:
    """Rows that sum to 1; a row of zeros becomes equal weights."""
    sums = weights.sum(1, keepdim=True)
    return torch.where(sums > 0, weights / sums.clamp(min=_TINY), 1.0 / weights.shape[1])
