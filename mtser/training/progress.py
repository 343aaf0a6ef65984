"""How far the training of one fold is: its epochs so far, and when to stop."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from speechbrain.utils.checkpoints import mark_as_loader, mark_as_saver, register_checkpoint_hooks

History = list[dict[str, Any]]


@register_checkpoint_hooks
class FoldProgress:
    """Counts epochs, keeps what each brought, and stops early on the dev part.

    Parameters
    ----------
    limit
        Most epochs.
    patience
        Stop when this many epochs in a row have not raised the measure on dev.
    measure
        The column of the rows that is it.

    Attributes
    ----------
    history
        One row an epoch.
    on_epoch
        Called after every epoch with its row (a progress bar, a log).

    Example
    -------
    >>> progress = FoldProgress(limit=9, patience=2)
    >>> for epoch in progress:
    ...     progress.record({"epoch": epoch, "dev_ua": 0.5 if epoch == 1 else 0.4})
    >>> progress.best_epoch, len(progress.history)
    (1, 3)
    """

    def __init__(self, limit: int, patience: int, measure: str = "dev_ua") -> None:
        self.limit = limit
        self.patience = patience
        self.measure = measure
        self.history: History = []
        self.on_epoch: Callable[[dict[str, Any]], None] = lambda row: None

    @property
    def best_epoch(self) -> int:
        """The first epoch with the greatest measure on dev; 0 before the first."""
        return max(self.history, key=lambda row: row[self.measure])["epoch"] if self.history else 0

    def __iter__(self) -> Iterator[int]:
        while len(self.history) < self.limit and len(self.history) - self.best_epoch < self.patience:
            yield len(self.history) + 1

    def record(self, row: dict[str, Any]) -> None:
        """Keep what an epoch brought."""
        self.history.append(row)
        self.on_epoch(row)

    @mark_as_saver
    def save(self, path: str | Path) -> None:
        """Write the history."""
        Path(path).write_text(json.dumps(self.history), encoding="utf-8")

    @mark_as_loader
    def load(self, path: str | Path, end_of_epoch: bool) -> None:
        """Read the history."""
        self.history = json.loads(Path(path).read_text(encoding="utf-8"))
