"""What the models of a run say about all utterances of a corpus, batch by batch."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from mtser.corpora.corpus import Corpus
from mtser.errors import ModelError
from mtser.evaluation import Predictions
from mtser.features.source import FeatureSource
from mtser.inference.members import TrainedRun
from mtser.outputs import Outputs
from mtser.progress_bar import progress_bar
from mtser.training.batches import EvaluationBatches
from mtser.training.data import ModelData

MEAN = "mean"
"""The "fold" of predictions that are the mean of several models."""


def judge(
    run: TrainedRun, corpus: Corpus, source: FeatureSource, data: ModelData, *, progress: bool = True
) -> dict[str, Predictions]:
    """Let every model of a run judge a corpus.

    Parameters
    ----------
    run
        Its models; they tell the same classes.
    corpus
        Its labels are classes of the run.
    source, data
        The features of the corpus, and its utterances.
    progress
        Whether to show a progress bar.

    Returns
    -------
    dict
        Fold → what its model predicts, in the order of the run.

    Raises
    ------
    ModelError
        If the models tell no classes.
    """
    rows = data.rows(one.id for one in corpus.utterances)
    batch_size = run.description.number("batch_size", 64)
    n_batches = -(-len(rows) // batch_size)
    bar = progress_bar(total=n_batches * len(run.models), desc="Judging", unit="batch", show=progress)
    found = {}
    with bar, torch.inference_mode():
        for fold, model in run.models.items():
            data.forget()
            data.load(model.inputs, source)
            probabilities = np.zeros((len(rows), len(run.classes)))
            batches = EvaluationBatches(data, rows, batch_size=batch_size)
            for number in range(len(batches)):
                batch = batches[number]
                logits = Outputs.of(model(batch.batch)).logits
                if logits is None:
                    raise ModelError(
                        f"{run.folder}: its models tell attributes alone, no classes that could be judged."
                    )
                probabilities[np.searchsorted(rows, batch.rows)] = torch.softmax(logits.double(), 1).cpu().numpy()
                bar.update()
            found[fold] = _predictions(run, corpus, fold, probabilities)
    return found


def mean_of(models: Mapping[str, Predictions], run: TrainedRun, corpus: Corpus) -> Predictions:
    """The mean of the models' probabilities as predictions; of one model, its own."""
    if len(models) == 1:
        return next(iter(models.values()))
    total = np.mean([one.probabilities.astype(np.float64) for one in models.values()], axis=0)
    return _predictions(run, corpus, MEAN, total)


def _predictions(run: TrainedRun, corpus: Corpus, fold: str, probabilities: NDArray[np.float64]) -> Predictions:
    number = {name: index for index, name in enumerate(run.classes)}
    n = len(corpus.utterances)
    return Predictions(
        utterances=tuple(one.id for one in corpus.utterances),
        folds=(fold,) * n,
        seeds=np.full(n, run.seed),
        truth=np.array([number[one.emotion] for one in corpus.utterances]),
        prediction=probabilities.argmax(1),
        probabilities=probabilities.astype(np.float32),
        classes=run.classes,
    )
