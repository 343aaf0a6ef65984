"""Weights averaged over training: an exponential moving average, or the mean of the last epochs' weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from speechbrain.utils.checkpoints import mark_as_loader, mark_as_saver, register_checkpoint_hooks
from torch import Tensor, nn

from mtser.checks import check_number, check_whole_number
from mtser.errors import ConfigError


class WeightAverage:
    """Which weights are judged: those that training has reached, or an average.

    Parameters
    ----------
    kind
        "ema": after each update, average ← d · average + (1 − d) · weights, with d = min(``decay``, (1 + n) / (10 + n))
        at the n-th update, so that the random start is soon forgotten. "swa": the mean of the weights at the ends of
        the epochs from ``start`` on (Izmailov et al. 2018); before, the weights themselves.
    decay
        Of "ema".
    start
        The first epoch of "swa".

    Notes
    -----
    Dev and test parts are judged with the average, and checkpoints hold it as the model: what reads a model reads the
    average. Training goes on with its own weights, which lie beside it. Running statistics (buffers) are not averaged.

    Example
    -------
    >>> average = WeightAverage("swa", start=1).of(layer := nn.Linear(1, 1))
    >>> for epoch, value in ((1, 1.0), (2, 3.0)):
    ...     _ = nn.init.constant_(layer.weight, value)
    ...     average.after_epoch(epoch)
    >>> with average.in_place():
    ...     layer.weight.item()
    2.0
    >>> layer.weight.item()
    3.0
    """

    def __init__(self, kind: str = "ema", decay: float = 0.999, start: int = 5) -> None:
        if kind not in ("ema", "swa"):
            raise ConfigError(f"kind of the weight average is {kind!r}; it can be ema or swa.")
        check_number("decay of the weight average", decay, most=1.0)
        check_whole_number("start of the weight average", start)
        self.kind, self.decay, self.start = kind, decay, start

    def of(self, model: nn.Module) -> "AveragedWeights":
        """An average of this model's weights, which begins with those that it has now."""
        return AveragedWeights(model, self)


@register_checkpoint_hooks
class AveragedWeights:
    """What :class:`WeightAverage` makes of one model; a part of its checkpoints.

    Parameters
    ----------
    model
        Whose trained parameters are averaged.
    how
        Kind and options.
    """

    def __init__(self, model: nn.Module, how: WeightAverage) -> None:
        self._weights = [one for one in model.parameters() if one.requires_grad]
        self._how = how
        self._n = 0
        self._average = self._copies()
        self._own: list[Tensor] | None = None  # the trained weights, while the average is in their place

    @torch.no_grad()
    def after_update(self) -> None:
        """The optimizer has taken a step."""
        if self._how.kind != "ema":
            return
        self._n += 1
        decay = min(self._how.decay, (1 + self._n) / (10 + self._n))
        torch._foreach_lerp_(self._average, [one.detach() for one in self._weights], 1.0 - decay)

    @torch.no_grad()
    def after_epoch(self, epoch: int) -> None:
        """An epoch's training has ended."""
        if self._how.kind != "swa":
            return
        n_epochs = max(epoch - self._how.start, 0) + 1
        torch._foreach_lerp_(self._average, [one.detach() for one in self._weights], 1.0 / n_epochs)

    def put(self) -> None:
        """Put the average in the place of the trained weights, until :meth:`take_away`."""
        self._own = self._copies()
        self._set(self._average)

    def take_away(self) -> None:
        """Put the trained weights back."""
        assert self._own is not None, "put comes before"
        self._set(self._own)
        self._own = None

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The average in the place of the trained weights."""
        self.put()
        try:
            yield
        finally:
            self.take_away()

    @mark_as_saver
    def save(self, path: str | Path) -> None:
        """Write the trained weights; the average itself is what the model holds while a checkpoint is written."""
        assert self._own is not None, "a checkpoint is written while the average is in place"
        torch.save({"n": self._n, "weights": [one.cpu() for one in self._own]}, path)

    @mark_as_loader
    def load(self, path: str | Path, end_of_epoch: bool) -> None:
        """Read what :meth:`save` wrote; :meth:`resume` uses it."""
        self._stored: dict[str, Any] | None = torch.load(path, weights_only=True)

    def resume(self) -> None:
        """After a checkpoint was read: the model holds the average; take it, and give the model its trained weights."""
        stored = getattr(self, "_stored", None)
        if stored is None:
            return
        self._n, self._average, self._own, self._stored = stored["n"], self._copies(), None, None
        self._set([one.to(weight.device) for one, weight in zip(stored["weights"], self._weights, strict=True)])

    def _copies(self) -> list[Tensor]:
        return [one.detach().clone() for one in self._weights]

    @torch.no_grad()
    def _set(self, values: list[Tensor]) -> None:
        for weight, value in zip(self._weights, values, strict=True):
            weight.copy_(value)
