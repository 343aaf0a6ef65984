"""Which utterances go into which batch."""

import numpy as np
from torch.utils.data import Dataset

from mtser.training.data import LabelledBatch, ModelData


class TrainingBatches(Dataset):
    """The batches of one epoch after the other, the same for the same seed and epoch whatever was drawn before.

    Parameters
    ----------
    data
        Of the corpus.
    rows
        Utterances of the training part.
    batch_size
        Utterances a batch, over all processes.
    bucketing
        See :class:`~mtser.training.plan.TrainingPlan`.
    seed
        Of the shuffling.
    rank, world_size
        This process's number and how many there are (``torchrun``): each takes its share of every batch.
    """

    def __init__(
        self,
        data: ModelData,
        rows: np.ndarray,
        *,
        batch_size: int,
        bucketing: int,
        seed: int,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self._data = data
        self._rows = rows
        self._batch_size = batch_size
        self._bucketing = bucketing
        self._seed = seed
        self._rank, self._world_size = rank, world_size
        self.set_epoch(1)

    def set_epoch(self, epoch: int) -> None:
        """Shuffle for this epoch; SpeechBrain's Brain calls it at the start of each."""
        random = np.random.default_rng([self._seed, epoch])
        self._plan = plan_batches(
            random.permutation(self._rows), self._data.lengths, self._batch_size, self._bucketing, random
        )

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, number: int) -> LabelledBatch:
        rows = self._plan[number]
        if len(rows) < self._world_size:  # too few to share: every process takes all of them, as one would
            return self._data.batch(rows, share=1.0 / self._world_size)
        mine = rows[self._rank :: self._world_size]
        return self._data.batch(mine, share=len(mine) / len(rows))


class EvaluationBatches(Dataset):
    """Batches of utterances in order of length, each utterance once."""

    def __init__(self, data: ModelData, rows: np.ndarray, *, batch_size: int) -> None:
        self._data = data
        by_length = rows[np.argsort(data.lengths[rows], kind="stable")]
        self._plan = [by_length[begin : begin + batch_size] for begin in range(0, len(rows), batch_size)]

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, number: int) -> LabelledBatch:
        return self._data.batch(self._plan[number])


def plan_batches(
    shuffled: np.ndarray, lengths: np.ndarray, batch_size: int, bucketing: int, random: np.random.Generator
) -> list[np.ndarray]:
    """Cut shuffled rows into batches of similar lengths, in shuffled order.

    Parameters
    ----------
    shuffled
        ``[rows]``, each once.
    lengths
        Of every row of the corpus.
    batch_size, bucketing
        Rows of a batch; batches of a pool that is sorted by length before it is cut.
    random
        Shuffles the batches.

    Example
    -------
    >>> random, lengths = np.random.default_rng(0), np.array([5, 1, 4, 1])
    >>> sorted(batch.tolist() for batch in plan_batches(np.arange(4), lengths, 2, 2, random))
    [[1, 3], [2, 0]]
    """
    pool = batch_size * max(bucketing, 1)
    batches = []
    for begin in range(0, len(shuffled), pool):
        rows = shuffled[begin : begin + pool]
        if bucketing > 1:
            rows = rows[np.argsort(lengths[rows], kind="stable")]
        batches += [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    return [batches[number] for number in random.permutation(len(batches))] if bucketing > 1 else batches
