"""The trained models of a run: one a fold, with the weights of the epoch that dev chose."""

import copy
import csv
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from mtser.errors import ModelError
from mtser.inference.classical_run import fill
from mtser.inference.run_description import RunDescription
from mtser.inference.weights import put_weights, read_checkpoint
from mtser.model import EmotionModel


@dataclass(frozen=True)
class TrainedRun:
    """The models of a run, ready to judge.

    Parameters
    ----------
    folder
        Of the run.
    models
        Fold → model, in evaluation mode, in the order of the protocol.
    epochs
        Fold → the epoch whose weights these are; empty for a system without epochs.
    classes
        In their fixed order: that of the models' logits.
    max_words
        Longer utterances were cut to this many words in training.
    system
        Its name in the YAML.
    seed
        Of the run.
    language
        Of the corpus: an ISO 639-1 code.
    unfinished
        Folds that are not trained to the end, and so not among the models.
    description
        The system's YAML; of one fold alone, the fold's.
    nested
        Whether the folds have settings of their own (``mtser tune --nested``), so that no one YAML describes all.
    """

    folder: Path
    models: Mapping[str, EmotionModel]
    epochs: Mapping[str, int]
    classes: tuple[str, ...]
    max_words: int
    system: str
    seed: int
    language: str = "en"
    unfinished: tuple[str, ...] = ()
    description: RunDescription = field(kw_only=True, repr=False)
    nested: bool = False


def load_run(folder: str | Path, fold: str | None = None, device: torch.device | str | None = None) -> TrainedRun:
    """Load the models of a run's finished folds.

    Of every fold that checkpoint is taken that training chose: the best epoch on dev, of equal ones the earliest. The
    checkpoints are read as data; the run's ``hyperparams.yaml`` may name classes of your own, so a run folder of a
    stranger is to be trusted like a program (what :meth:`~mtser.inference.EmotionRecognizer.from_pretrained` reads is
    not).

    Parameters
    ----------
    folder
        ``results/<system>/<corpus>/<protocol>/seed_<n>``.
    fold
        Load this one alone.
    device
        Where the models shall be; None for the CPU.

    Raises
    ------
    ModelError
        If there is no run, no fold (or not this one) is finished, or its weights do not fit.

    Warns
    -----
    UserWarning
        If some folds are not finished: they are left out.
    """
    folder = Path(folder)
    _check_folder(folder)
    names = _fold_names(folder)
    finished = [name for name in names if (folder / "folds" / name / "result.json").is_file()]
    if fold is not None and fold not in names:
        raise ModelError(f"{folder}: has no fold {fold!r}; there are {', '.join(names)}.")
    if not finished or (fold is not None and fold not in finished):
        what = "no fold is trained to its end yet" if fold is None else f"fold {fold} is not trained to its end"
        raise ModelError(f"{folder}: {what}; start the command that trained it again, it continues where it was.")
    chosen = finished if fold is None else [fold]
    description = RunDescription.read(folder / "hyperparams.yaml")
    descriptions = _descriptions(folder, chosen, description)
    if fold is not None:
        description = descriptions[fold]
    if fold is None and len(finished) < len(names):
        warnings.warn(
            f"{folder}: {len(finished)} of {len(names)} folds are finished; the others are left out.", stacklevel=2
        )
    unbuilt = {one.file: one.build() for one in descriptions.values()}
    models: dict[str, EmotionModel] = {}
    epochs: dict[str, int] = {}
    for name in chosen:
        model = _another(unbuilt[descriptions[name].file], descriptions[name])
        if descriptions[name].is_classical:
            fill(model, folder / "folds" / name)
        else:
            epochs[name] = _load_member(model, folder / "folds" / name)
        models[name] = model.to(device or "cpu").eval().requires_grad_(False)
    return TrainedRun(
        folder,
        models,
        epochs,
        _classes(folder / "folds" / finished[0] / "predictions.csv"),
        description.number("max_words", 128),
        str(description.get("system", folder.name)),
        description.number("seed", 1),
        _language(folder / "manifest.json"),
        tuple(name for name in names if name not in finished),
        description=description,
        nested=len(unbuilt) > 1,
    )


def _descriptions(folder: Path, names: Sequence[str], of_run: RunDescription) -> dict[str, RunDescription]:
    """The YAML of each fold: its own, where a nested search chose its settings, else the run's."""
    own = {name: folder / "folds" / name / "hyperparams.yaml" for name in names}
    found = {name: RunDescription.read(file) if file.is_file() else of_run for name, file in own.items()}
    file = folder / "run.json"
    nested = file.is_file() and "fold_settings" in _json(file).get("options", {})
    if nested and (missing := [name for name, one in found.items() if one is of_run]):
        raise ModelError(
            f"{folder}: the settings of the fold {missing[0]} were chosen for it alone, and {own[missing[0]]}, which "
            "says what they are, is not there; train it again."
        )
    if len({one.number("max_words", 128) for one in found.values()}) > 1:
        raise ModelError(f"{folder}: its folds cut utterances to different lengths (max_words); take one: --fold NAME.")
    return found


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ModelError(
            f"{folder}: there is no such folder; name one of results/<system>/<corpus>/<protocol>/seed_<n>."
        )
    if (folder / "not_applicable.json").is_file() and not (folder / "run.json").is_file():
        reason = _json(folder / "not_applicable.json").get("reason", "")
        raise ModelError(f"{folder}: nothing was trained here, because the system was not applicable: {reason}")
    if not (folder / "hyperparams.yaml").is_file():
        runs = sorted(path.parent for path in folder.glob("**/hyperparams.yaml"))[:6]
        seeds = (
            f"; it holds {', '.join(str(run.relative_to(folder)) for run in runs)}: name one of them" if runs else ""
        )
        raise ModelError(f"{folder}: is no folder of one run{seeds}.")


def _fold_names(folder: Path) -> list[str]:
    try:
        return [str(one["name"]) for one in _json(folder / "folds.json")["folds"]]
    except (KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'folds.json'}: lists no folds; the run is damaged.") from error


def _another(unbuilt: EmotionModel, description: RunDescription) -> EmotionModel:
    """One without weights: a copy, which is faster, or built anew where a block holds what has no copy (a file)."""
    try:
        return copy.deepcopy(unbuilt)
    except TypeError:
        return description.build()


def _load_member(model: EmotionModel, folder: Path) -> int:
    """Put what a fold learned into a model; returns its epoch."""
    measure = str(_json(folder / "result.json").get("measure", "dev_ua"))
    checkpoint, epoch = _best_checkpoint(folder / "checkpoints", measure)
    model.load_assets(folder / "assets")
    put_weights(model, read_checkpoint(checkpoint / "model.ckpt"), checkpoint / "model.ckpt")
    return epoch


def _best_checkpoint(folder: Path, measure: str) -> tuple[Path, int]:
    """As :func:`mtser.training.brain.best_on_dev` orders them."""
    found = []
    for file in folder.glob("CKPT*/CKPT.yaml"):  # without this file it was half deleted when the run was killed
        try:
            meta = _yaml(file)
            found.append((float(meta[measure]), -int(meta["epoch"]), file.parent))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{file}: is damaged ({error!r}).") from error
    if not found:
        raise ModelError(f"{folder}: holds no checkpoint; were they deleted? Train the fold again.")
    _, epoch, path = max(found)
    return path, -epoch


def _language(manifest: Path) -> str:
    """That of the corpus's first utterance; the whole manifest would take longer to read than the models."""
    try:
        with manifest.open(encoding="utf-8") as file:
            found = re.search(r'"language": "([^"]+)"', file.read(1 << 16))
    except OSError as error:
        raise ModelError(f"{manifest}: cannot be read ({error.strerror}); the run is damaged.") from error
    return found[1] if found else "en"


def _yaml(file: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror}); the run is damaged.") from error
    except ValueError as error:
        raise ModelError(f"{file}: is damaged ({error}).") from error


def _classes(file: Path) -> tuple[str, ...]:
    """From the header of a fold's predictions; the module that reads them whole also imports what draws pictures."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            header = next(csv.reader(lines), [])
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror}); the run is damaged.") from error
    classes = tuple(name.removeprefix("p_") for name in header if name.startswith("p_"))
    if not classes:
        raise ModelError(f"{file}: its first line names no class.")
    return classes
