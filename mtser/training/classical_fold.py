"""One fold of a system that is fitted in one go: no epochs, no checkpoints."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from speechbrain.utils.distributed import if_main_process

from mtser.classical import ClassicalModel, Part
from mtser.classical.arrays import FOLDER
from mtser.evaluation.predictions import Predictions
from mtser.features.input import notes_of
from mtser.features.source import FeatureSource
from mtser.training.data import ModelData
from mtser.training.folds import Fold


def run_classical_fold(
    model: ClassicalModel,
    fold: Fold,
    folder: Path,
    data: ModelData,
    source: FeatureSource,
    *,
    classes: tuple[str, ...],
    seed: int,
) -> tuple[Predictions, dict[str, Any]]:
    """Fit on the training part, choose on the dev part, judge on the test part.

    Parameters
    ----------
    model
        To be fitted; what it learned is written to ``folder``.
    fold, folder, data, source, classes, seed
        As for :func:`mtser.training.fold.run_fold`; nothing depends on the seed.

    Returns
    -------
    tuple
        Predictions on the test part, and what the model tells about itself; "seconds" is what fitting took.
    """
    data.forget()
    data.load(model.inputs, source)
    begin = time.perf_counter()
    fitted = model.fit(_part(data, fold.train), _part(data, fold.dev), len(classes))
    seconds = time.perf_counter() - begin
    if if_main_process():
        fitted.save(folder / FOLDER)
    test = _part(data, fold.test)
    probabilities = fitted.probabilities(test).astype(np.float32)
    predictions = Predictions(
        utterances=tuple(one.id for one in test.utterances),
        folds=(fold.name,) * len(fold.test),
        seeds=np.full(len(fold.test), seed),
        truth=test.labels,
        prediction=probabilities.argmax(1),
        probabilities=probabilities,
        classes=classes,
    )
    return predictions, {**fitted.summary(), **notes_of(model.inputs), "seconds": seconds}


def _part(data: ModelData, ids: tuple[str, ...]) -> Part:
    rows = data.rows(ids)
    return Part([data.utterances[row] for row in rows], data.tables(rows), data.labels(rows).cpu().numpy())
