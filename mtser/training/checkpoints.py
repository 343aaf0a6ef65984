"""SpeechBrain checkpoints that survive a kill at any moment, and the random state that belongs to them."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from speechbrain.utils.checkpoints import (
    Checkpoint,
    Checkpointer,
    mark_as_loader,
    mark_as_saver,
    register_checkpoint_hooks,
)

from mtser.errors import MtserError


class AtomicCheckpointer(Checkpointer):
    """SpeechBrain's Checkpointer, but a checkpoint appears in one step.

    SpeechBrain writes a checkpoint's description first and its parts into the same folder afterwards: a run killed in
    between leaves a folder that looks whole. Here the folder is written under a name that no one looks for, its files
    flushed to the disk, then renamed. Of a checkpoint that is deleted the description goes first: what a kill
    leaves of it is none any more.
    """

    def save_checkpoint(self, *args: Any, **kwargs: Any) -> Checkpoint | None:
        """Write the parts, then make the checkpoint visible.

        Raises
        ------
        MtserError
            If the disk is full or the folder cannot be written.
        """
        try:
            hidden = super().save_checkpoint(*args, **kwargs)
            if hidden is None:  # not the main process
                return None
            final = hidden.path.with_name(hidden.path.name.removeprefix(_HIDDEN))
            for path in (one for one in hidden.path.rglob("*") if one.is_file()):  # a power cut may come, too
                with path.open("rb+") as file:
                    os.fsync(file.fileno())
            os.rename(hidden.path, final)
        except (OSError, RuntimeError) as error:  # torch.save reports a full disk as a RuntimeError
            self.clean()
            reason = error.strerror if isinstance(error, OSError) else "it was not written to its end"
            raise MtserError(
                f"{self.checkpoints_dir}: a checkpoint cannot be written ({reason}); free some space, then start the "
                "same command again: it continues with the last whole one."
            ) from error
        parts = {name: final / path.name for name, path in hidden.paramfiles.items()}
        return Checkpoint(final, hidden.meta, parts)

    def clean(self) -> None:
        """Delete what was left half-written or half-deleted."""
        for folder in Path(self.checkpoints_dir).glob("*"):
            half_deleted = folder.name.startswith("CKPT") and not (folder / "CKPT.yaml").is_file()
            if half_deleted or folder.name.startswith(_HIDDEN):
                shutil.rmtree(folder, ignore_errors=True)

    def _new_checkpoint_dirpath(self) -> Path:
        path = super()._new_checkpoint_dirpath()
        return path.with_name(_HIDDEN + path.name)


_HIDDEN = "part+"  # SpeechBrain looks for folders that start with "CKPT"


@register_checkpoint_hooks
class RandomState:
    """The state of every random generator that training draws from.

    With it in the checkpoint, a run that was killed and started again draws the same numbers as one that was not.
    Under ``torchrun`` the main process's state is saved; the others' are set from it and their rank.

    Example
    -------
    >>> state = RandomState()
    >>> kept = state.get()
    >>> first = torch.rand(1)
    >>> state.set(kept)
    >>> torch.equal(first, torch.rand(1))
    True
    """

    def get(self) -> dict[str, Any]:
        """The states as they are now."""
        kind, keys, position, has_gauss, gauss = np.random.get_state()
        return {
            "python": random.getstate(),
            "numpy": (kind, torch.from_numpy(np.array(keys, dtype=np.int64)), position, has_gauss, gauss),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        }

    def set(self, state: dict[str, Any]) -> None:
        """Make ``state`` the present state."""
        random.setstate(state["python"])
        kind, keys, *rest = state["numpy"]
        np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
        torch.set_rng_state(state["torch"])
        if len(state["cuda"]) == torch.cuda.device_count() and state["cuda"]:
            torch.cuda.set_rng_state_all(state["cuda"])

    @mark_as_saver
    def save(self, path: str | Path) -> None:
        """Write the present state."""
        torch.save(self.get(), path)

    @mark_as_loader
    def load(self, path: str | Path, end_of_epoch: bool) -> None:
        """Make the written state the present state."""
        self.set(torch.load(path, weights_only=True))


def by_epoch(checkpoint: Checkpoint) -> int:
    """The newest checkpoint is the most important."""
    return checkpoint.meta["epoch"]


def best_on_dev(measure: str) -> Callable[[Checkpoint], tuple[float, int]]:
    """The best in a measure on dev is the most important checkpoint, of equal ones the earliest."""
    return lambda checkpoint: (checkpoint.meta[measure], -checkpoint.meta["epoch"])
