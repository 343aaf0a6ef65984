"""What the processes of ``torchrun`` have to do alike, and what each has to do for itself."""

from typing import Any

import numpy as np
import torch
from speechbrain.utils.distributed import is_distributed_initialized


def draw_apart(seed: int, epoch: int) -> None:
    """Let every process but the first draw numbers of its own, the same ones in an epoch that is repeated.

    Parameters
    ----------
    seed
        Of the run: all processes have begun with it.
    epoch
        That is about to begin.
    """
    # Not from the environment: a cluster sets ranks there for processes that know nothing of each other.
    if is_distributed_initialized() and (rank := torch.distributed.get_rank()):
        (own,) = np.random.SeedSequence([seed, rank, epoch]).generate_state(1, np.uint64)
        torch.manual_seed(int(own))


def of_the_first(row: dict[str, Any]) -> dict[str, Any]:
    """What the first process found: all have to stop and to choose alike, whatever rounding does elsewhere."""
    told = [row]
    if is_distributed_initialized():
        torch.distributed.broadcast_object_list(told, src=0)
    return told[0]
