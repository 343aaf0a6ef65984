"""One fold with one seed: train, select on dev, judge on test."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from speechbrain.utils.distributed import if_main_process
from speechbrain.utils.seed import seed_everything
from torch.utils.data import DataLoader
from tqdm import tqdm

from mtser.classical import ClassicalModel
from mtser.configuration import Hyperparameters
from mtser.encoders.tuned import tuned_encoders
from mtser.errors import ConfigError
from mtser.evaluation.attributes import AttributePredictions
from mtser.evaluation.metrics import unweighted_accuracy, weighted_accuracy
from mtser.evaluation.predictions import Predictions
from mtser.features.source import FeatureSource
from mtser.files import write_csv, write_json
from mtser.model import EmotionModel
from mtser.training.batches import EvaluationBatches, TrainingBatches
from mtser.training.brain import EmotionBrain
from mtser.training.checkpoints import AtomicCheckpointer, RandomState
from mtser.training.classical_fold import run_classical_fold
from mtser.training.damage import delete_damaged
from mtser.training.data import ModelData
from mtser.training.events import EventFile
from mtser.training.folds import Fold
from mtser.training.plan import TrainingPlan
from mtser.training.progress import FoldProgress, History
from mtser.training.rehearsal import rehearse
from mtser.training.stacking import LateStacking, Stack

ATTRIBUTES_FILE = "attributes.csv"


@dataclass(frozen=True)
class FoldResult:
    """What a fold brought.

    Parameters
    ----------
    predictions
        On the test part; None if only the dev part was looked at.
    history
        One row an epoch; none of a system without epochs.
    summary
        What the model tells about itself (parameters, vocabulary).
    measure
        The column of the history by which the epoch was chosen.
    attributes
        Valence, activation and dominance on the test part, if the model tells them.
    """

    predictions: Predictions | None
    history: History
    summary: dict[str, Any]
    measure: str = "dev_ua"
    attributes: AttributePredictions | None = None

    @property
    def cut(self) -> dict[str, int]:
        """What the limits of the inputs cut (``Input.cut``), where they cut anything."""
        return self.summary.get("cut", {})

    @property
    def notes(self) -> list[str]:
        """Sentences on how the data came about (``Input.notes``), and on pretrained models."""
        return [*self.summary.get("notes", ()), *self.summary.get("pretrained", ())]


def read_result(folder: Path) -> FoldResult | None:
    """The result of a fold that was finished before, None if it was not."""
    if not (folder / "result.json").is_file():
        return None
    try:
        stored = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        if not all(isinstance(row, dict) for row in stored["history"]):
            raise TypeError("its history is no list of epochs")
        return FoldResult(
            None if stored.get("part") == "dev" else Predictions.read(folder / "predictions.csv"),
            stored["history"],
            stored["summary"],
            stored.get("measure", "dev_ua"),
            AttributePredictions.read(folder / ATTRIBUTES_FILE) if (folder / ATTRIBUTES_FILE).is_file() else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{folder / 'result.json'}: is damaged ({error}); delete {folder} and run again.") from error


def run_fold(
    fold: Fold,
    folder: Path,
    hyperparameters: Hyperparameters,
    data: ModelData,
    source: FeatureSource,
    *,
    classes: tuple[str, ...],
    seed: int,
    run_opts: dict[str, Any],
    on_epoch: Callable[[dict[str, Any]], None],
    dev_only: bool = False,
) -> FoldResult:
    """Train one fold, continuing where a killed run was.

    Nothing of the dev and test part reaches what is fitted: vocabulary, normalisation and class weights see the
    training part, the epoch is chosen and late stacking is fitted on the dev part, and the test part is read once, at
    the end.

    Parameters
    ----------
    fold
        Which utterances train, select and test.
    folder
        Where checkpoints, log and result lie.
    hyperparameters
        The system, built anew for the fold.
    data, source
        The corpus in memory, and the features that its inputs are made of.
    classes
        In their fixed order.
    seed
        Of weights, dropout and batches.
    run_opts
        SpeechBrain's run options.
    on_epoch
        Called with every epoch's row, those of a killed run included.
    dev_only
        Judge nothing: the result is the history on dev, and the test part is not read.

    Raises
    ------
    ModelError
        If training diverges, or a checkpoint does not fit the model.
    """
    seed_everything(seed, verbose=False)
    objects = hyperparameters.build()
    if isinstance(classical := objects.get("model"), ClassicalModel):
        judged = replace(fold, test=fold.dev) if dev_only else fold
        told = run_classical_fold(classical, judged, folder, data, source, classes=classes, seed=seed)
        return _saved(folder, _only_epoch(*told) if dev_only else FoldResult(told[0], [], told[1]))
    model, plan = _model_and_plan(objects, hyperparameters)
    stacking = _stacking(objects, hyperparameters)
    rows = {part: data.rows(getattr(fold, part)) for part in ("train", "dev")}
    _fit(model, plan, data, source, rows["train"], len(classes))
    notes = rehearse(model, lambda: hyperparameters.build()["model"], data, source, rows["train"])
    progress = FoldProgress(hyperparameters.whole_number("number_of_epochs"), plan.patience, plan.measure)
    checkpointer = AtomicCheckpointer(folder / "checkpoints", {"model": model, "progress": progress})
    checkpointer.add_recoverable("random_state", RandomState())
    brain = EmotionBrain(model, plan, progress, len(classes), run_opts, checkpointer, stacked=stacking is not None)
    if if_main_process():
        checkpointer.clean()
        if damage := delete_damaged(folder / "checkpoints", plan.measure):
            tqdm.write(f"Warning   {damage}")
        model.save_assets(folder / "assets")
    rank, world_size = (brain.rank, torch.distributed.get_world_size()) if brain.distributed_launch else (0, 1)
    batch_size = hyperparameters.whole_number("batch_size")
    training = TrainingBatches(
        data,
        rows["train"],
        batch_size=batch_size,
        bucketing=plan.bucketing,
        seed=seed,
        rank=rank,
        world_size=world_size,
    )
    brain.train_sampler = training  # for its set_epoch
    progress.on_epoch = _Log(folder, progress, on_epoch)
    dev = EvaluationBatches(data, rows["dev"], batch_size=batch_size)
    brain.fit(progress, _loader(training), _loader(dev))
    history = list(progress.history)  # the best epoch's checkpoint brings back the history as it was then
    if dev_only:
        return _saved(folder, FoldResult(None, history, model.summary(notes), plan.measure))
    stack = None
    if stacking is not None:
        brain.evaluate(_loader(dev))
        numbers, outputs = brain.results()
        stack = stacking.fit(outputs, data.ratings(numbers), data.labels(numbers).cpu().numpy(), len(classes))
    brain.evaluate(_loader(EvaluationBatches(data, data.rows(fold.test), batch_size=batch_size)))
    predictions, attributes = _predictions(brain, stack, data, fold, classes, seed)
    return _saved(folder, FoldResult(predictions, history, model.summary(notes), plan.measure, attributes))


def _saved(folder: Path, result: FoldResult) -> FoldResult:
    """Write the result of a fold, ``result.json`` last."""
    if if_main_process():
        if result.predictions is not None:
            result.predictions.save(folder / "predictions.csv")
        if result.attributes is not None:
            result.attributes.save(folder / ATTRIBUTES_FILE)
        told = {"history": result.history, "summary": result.summary, "measure": result.measure}
        told |= {"part": "dev"} if result.predictions is None else {}
        write_json(folder / "result.json", told)
    return result


def _only_epoch(on_dev: Predictions, summary: dict[str, Any]) -> FoldResult:
    """Of a system without epochs: one row that tells what it reaches on dev."""
    confusion = on_dev.confusion()
    row = {"epoch": 1, "dev_wa": float(weighted_accuracy(confusion)), "dev_ua": float(unweighted_accuracy(confusion))}
    return FoldResult(None, [{**row, "seconds": summary["seconds"]}], summary)


def _model_and_plan(objects: dict[str, Any], hyperparameters: Hyperparameters) -> tuple[EmotionModel, TrainingPlan]:
    model, plan = objects.get("model"), objects.get("training")
    if not isinstance(model, EmotionModel) or not isinstance(plan, TrainingPlan):
        raise ConfigError(
            f"{hyperparameters.file}: a system needs the keys model (!new:mtser.model.EmotionModel) and training "
            "(!new:mtser.training.plan.TrainingPlan), or the one key model (!new:mtser.classical.ClassicalModel)."
        )
    return model, plan


def _stacking(objects: dict[str, Any], hyperparameters: Hyperparameters) -> LateStacking | None:
    stacking = objects.get("stacking")
    if stacking in (None, "none"):
        return None
    if not isinstance(stacking, LateStacking):
        raise ConfigError(
            f"{hyperparameters.file}: stacking is {stacking!r}; it can be none or a block "
            "(--stacking blocks/stacking/svr.yaml)."
        )
    return stacking


def _fit(
    model: EmotionModel, plan: TrainingPlan, data: ModelData, source: FeatureSource, train: np.ndarray, n_classes: int
) -> None:
    """Let the model and the loss learn what precedes training, then load the data that depend on it."""
    data.forget()
    data.load([input for input in model.inputs if input.key() is not None], source)
    for encoder in tuned_encoders(model):
        encoder.to(data.device)  # its frames are computed there
    model.fit([data.utterances[row] for row in train], data.tables(train))
    data.load([input for input in model.inputs if input.key() is None], source)
    if callable(fit := getattr(plan.loss, "fit", None)):
        fit(data.labels(train).cpu(), n_classes)


def _loader(batches: TrainingBatches | EvaluationBatches) -> DataLoader:
    return DataLoader(batches, batch_size=None)


def _predictions(
    brain: EmotionBrain, stack: Stack | None, data: ModelData, fold: Fold, classes: tuple[str, ...], seed: int
) -> tuple[Predictions, AttributePredictions | None]:
    """What was predicted last, in the order of the ids."""
    rows, outputs = brain.results()
    by_id = np.argsort([data.utterances[row].id for row in rows])
    rows, outputs = rows[by_id], outputs.map(lambda one: one[torch.from_numpy(by_id)])
    if outputs.logits is not None:
        probabilities = torch.softmax(outputs.logits, dim=1).numpy()
    else:
        assert stack is not None, "the Brain refuses a model without classes where no stacking follows"
        probabilities = stack.probabilities(outputs)
    same: dict[str, Any] = {
        "utterances": tuple(data.utterances[row].id for row in rows),
        "folds": (fold.name,) * len(rows),
        "seeds": np.full(len(rows), seed),
    }
    predictions = Predictions(
        truth=data.labels(rows).cpu().numpy(),
        prediction=probabilities.argmax(1),
        probabilities=probabilities,
        classes=classes,
        **same,
    )
    if outputs.attributes is None:
        return predictions, None
    attributes = outputs.attributes.numpy() if stack is None else stack.attributes(outputs).astype(np.float32)
    return predictions, AttributePredictions(truth=data.ratings(rows), prediction=attributes, **same)


class _Log:
    """Every epoch's row as a line of ``log.csv`` and as TensorBoard events."""

    def __init__(self, folder: Path, progress: FoldProgress, on_epoch: Callable[[dict[str, Any]], None]) -> None:
        self._folder = folder
        self._progress = progress
        self._on_epoch = on_epoch
        self._events: EventFile | None = None

    def __call__(self, row: dict[str, Any]) -> None:
        if self._events is None:
            self._events = EventFile(self._folder / "tensorboard", first_step=row["epoch"])
            for earlier in self._progress.history[:-1]:  # of a killed run
                self._on_epoch(earlier)
        self._on_epoch(row)
        if not if_main_process():
            return
        write_csv(self._folder / "log.csv", list(row), [list(one.values()) for one in self._progress.history])
        self._events.add(row["epoch"], {name: value for name, value in row.items() if name != "epoch"})
