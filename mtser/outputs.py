"""Outputs: what a model says about the utterances of a batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(frozen=True)
class Outputs:
    """Classes, attributes, or both. A model that tells classes alone may return their logits as they are.

    Parameters
    ----------
    logits
        ``[batch, classes]``, before the softmax, which belongs to the loss; None if no class is told.
    attributes
        ``[batch, 3]``: valence, activation and dominance (``mtser.corpora.utterance.ATTRIBUTES``) as the corpus scales
        them; None if they are not told.
    branches
        Modality → ``[batch, 3]``: the attributes as that modality alone tells them, for late stacking.
    auxiliary
        Modality → logits ``[batch, classes]`` of that modality alone; only in training, for its loss.

    Example
    -------
    >>> Outputs.of(torch.zeros(2, 4)).logits.shape
    torch.Size([2, 4])
    """

    logits: Tensor | None = None
    attributes: Tensor | None = None
    branches: Mapping[str, Tensor] = field(default_factory=dict)
    auxiliary: Mapping[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, returned: "Tensor | Outputs") -> "Outputs":
        """What a model returned, logits alone or more."""
        return cls(logits=returned) if isinstance(returned, Tensor) else returned

    def map(self, change: Callable[[Tensor], Tensor]) -> "Outputs":
        """The same with every tensor changed.

        Example
        -------
        >>> Outputs(attributes=torch.ones(1, 3)).map(lambda one: 2 * one).attributes
        tensor([[2., 2., 2.]])
        """
        return Outputs(
            None if self.logits is None else change(self.logits),
            None if self.attributes is None else change(self.attributes),
            {name: change(branch) for name, branch in self.branches.items()},
            {name: change(logits) for name, logits in self.auxiliary.items()},
        )

    @classmethod
    def join(cls, parts: Sequence["Outputs"]) -> "Outputs":
        """Those of several batches of one model as one.

        Example
        -------
        >>> Outputs.join([Outputs(torch.zeros(2, 4)), Outputs(torch.zeros(1, 4))]).logits.shape
        torch.Size([3, 4])
        """
        logits, attributes = (
            [one for one in (getattr(part, name) for part in parts) if one is not None]
            for name in ("logits", "attributes")
        )
        names = parts[0].branches if parts else ()
        return cls(
            torch.cat(logits) if logits else None,
            torch.cat(attributes) if attributes else None,
            {name: torch.cat([part.branches[name] for part in parts]) for name in names},
        )
