"""Find run folders and read what tables need of them, each file once."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mtser.corpora.manifest import read_manifest
from mtser.errors import EvaluationError
from mtser.evaluation import Predictions
from mtser.files import walk

CPU = "CPU"
"""What a run was trained on that does not tell the model."""
_SEED_FOLDER = re.compile(r"seed_(\d+)")


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """What a folder ``<system>/<corpus>/<protocol>/seed_<n>`` is the run of.

    Example
    -------
    >>> Place.of(Path("results/full/mini/loso/seed_3"))
    Place(corpus='mini', protocol='loso', system='full', seed=3)
    """

    corpus: str
    protocol: str
    system: str
    seed: int

    @classmethod
    def of(cls, folder: Path) -> "Place":
        """The place of a run folder.

        Raises
        ------
        EvaluationError
            If the folder does not lie as run folders do.
        """
        seed = _SEED_FOLDER.fullmatch(folder.name)
        parts = folder.parts[-4:-1]
        if seed is None or len(parts) < 3 or "/" in parts:
            raise EvaluationError(
                f"{folder}: holds a run, but does not lie as <system>/<corpus>/<protocol>/seed_<n>, so nobody can tell "
                "what it is the run of; move it back there."
            )
        system, corpus, protocol = parts
        return cls(corpus, protocol, system, int(seed[1]))


@dataclass(frozen=True, eq=False)
class Run:
    """A complete run: one system with one seed under one protocol.

    Parameters
    ----------
    place, folder
        What it is the run of, and where it lies.
    predictions
        On the test parts of all folds.
    speakers
        Utterance id → speaker; runs on the same manifest share the mapping.
    metrics
        Its ``metrics.json``.
    settings
        Its resolved YAML by dotted name without the seed, and the options that change results.
    manifest, folds
        The hashes of the data and of the folds.
    parameters
        Trained parameters, the mean over folds; None if the system has none to tell.
    seconds
        Wall time of all epochs (or of fitting) of all folds, in seconds; None if it was not written down.
    has_epochs
        Whether it was trained epoch by epoch, so that another seed is another training; ``classical`` is not.
    processor
        What it was trained on: the GPU's name, "CPU (its model)", or "CPU" where that was not written down.
    files
        Path → SHA-256 of what settings name; empty if the run noted none.
    audio
        Utterance id → SHA-256 of its audio; runs with the same file share the mapping. Empty if the run kept none.
    pretrained
        Sentences that name its pretrained models.
    """

    place: Place
    folder: Path
    predictions: Predictions
    speakers: Mapping[str, str]
    metrics: Mapping[str, Any]
    settings: Mapping[str, Any]
    manifest: str
    folds: str
    parameters: float | None
    seconds: float | None
    has_epochs: bool = True
    processor: str = CPU
    files: Mapping[str, str] = field(default_factory=dict)
    audio: Mapping[str, str] = field(default_factory=dict)
    pretrained: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A run folder without a result for the tables, and why."""

    place: Place
    folder: Path
    reason: str


@dataclass(frozen=True)
class Found:
    """All run folders: complete ones, those that never can be run, those that are not finished."""

    runs: list[Run] = field(default_factory=list)
    not_applicable: list[Left] = field(default_factory=list)
    incomplete: list[Left] = field(default_factory=list)

    def places(self) -> list[Place]:
        """Of everything."""
        return [one.place for one in self.runs] + [one.place for one in (*self.not_applicable, *self.incomplete)]


def find_runs(paths: Sequence[str | Path]) -> Found:
    """Read all run folders in and below ``paths``; a folder that is reached twice counts once.

    Raises
    ------
    EvaluationError
        If a path does not exist, no run folder is found, or one is damaged.
    """
    folders: dict[Path, Path] = {}
    for path in map(Path, paths):
        if not path.is_dir():
            raise EvaluationError(f"{path}: there is no such folder; give the results that train.py wrote.")
        for folder in _run_folders(path):
            folders.setdefault(folder.resolve(), folder)
    if not folders:
        raise EvaluationError(
            f"{', '.join(map(str, paths))}: holds no run folder (<system>/<corpus>/<protocol>/seed_<n>)."
        )
    found, shared = Found(), _Shared()
    for folder in sorted(folders.values(), key=Place.of):
        _read(folder, found, shared)
    return found


class _Shared:
    """What many runs have alike, each read once: files of a large corpus have millions of lines."""

    def __init__(self) -> None:
        self._speakers: dict[str, Mapping[str, str]] = {}  # by the manifest's hash
        self._audio: dict[str, Mapping[str, str]] = {}  # by the file's hash

    def speakers(self, folder: Path, manifest: str) -> Mapping[str, str]:
        """Utterance id → speaker."""
        if manifest not in self._speakers:
            self._speakers[manifest] = {one.id: one.speaker for one in read_manifest(folder / "manifest.json")}
        return self._speakers[manifest]

    def audio(self, folder: Path) -> Mapping[str, str]:
        """Utterance id → SHA-256 of its audio; empty where the run kept none, as older ones."""
        file = folder / "audio.json"
        if (content := _bytes(file)) is None:
            return {}
        name = hashlib.sha256(content).hexdigest()
        if name not in self._audio:
            self._audio[name] = dict(_parsed(file, content).items())
        return self._audio[name]


def _run_folders(path: Path) -> Iterator[Path]:
    """The run folders in and below a folder; what lies inside of one is not looked at."""
    for name, subfolders, files in walk(os.path.abspath(path)):
        if "run.json" in files or _SEED_FOLDER.fullmatch(os.path.basename(name)):
            subfolders.clear()
            yield Path(name)
        subfolders[:] = [one for one in subfolders if not one.startswith(".")]


def _read(folder: Path, found: Found, shared: _Shared) -> None:
    """Read one run folder into ``found``."""
    place = Place.of(folder)
    metrics, run = _json(folder / "metrics.json"), _json(folder / "run.json")
    try:
        if run is None and (left := _json(folder / "not_applicable.json")) is not None:
            found.not_applicable.append(Left(place, folder, str(left["reason"])))
        elif run is None or metrics is None:
            found.incomplete.append(Left(place, folder, "not finished" if run else "not begun"))
        elif metrics.get("part") == "dev":
            found.incomplete.append(
                Left(place, folder, "of the dev parts alone (--dev_only), with which nobody compares")
            )
        elif missing := metrics["folds_missing"]:
            text = f"fold{'s' * (len(missing) > 1)} missing: {', '.join(missing)}"
            found.incomplete.append(Left(place, folder, text))
        else:
            found.runs.append(_complete(place, folder, metrics, run, shared))
    except (KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(
            f"{folder}: its JSON files are damaged or of another version of mtser ({type(error).__name__}: {error}); "
            "delete the folder and run again."
        ) from error


def _complete(place: Place, folder: Path, metrics: dict[str, Any], run: dict[str, Any], shared: _Shared) -> Run:
    predictions = Predictions.read(folder / "predictions.csv")
    if predictions.seed_values() != (place.seed,):
        raise EvaluationError(
            f"{folder / 'predictions.csv'}: is of the seed {', '.join(map(str, predictions.seed_values()))}, but the "
            f"folder's name says {place.seed}; is it a copy of another run?"
        )
    summed_up = metrics["n_utterances"], metrics["pooled"]["confusion"]
    if (len(predictions), predictions.confusion().tolist()) != summed_up:
        raise EvaluationError(
            f"{folder / 'predictions.csv'}: its {len(predictions)} predictions are not the {summed_up[0]} that "
            "metrics.json beside it sums up; the command of the run, given again, writes both anew."
        )
    models = list(metrics.get("model", {}).values())
    parameters = [one["parameters"] for one in models if "parameters" in one]
    settings = {name: value for name, value in run["hyperparameters"].items() if name != "seed"} | run["options"]
    results = [_json(folder / "folds" / fold["name"] / "result.json") for fold in metrics["folds"]]
    return Run(
        place=place,
        folder=folder,
        predictions=predictions,
        speakers=shared.speakers(folder, run["manifest"]),
        metrics=metrics,
        settings=settings,
        manifest=run["manifest"],
        folds=run["folds"],
        parameters=float(np.mean(parameters)) if parameters else None,
        seconds=_seconds(results),
        has_epochs=any(result is None or result["history"] for result in results),
        pretrained=tuple(dict.fromkeys(name for one in models for name in one.get("pretrained", ()))),
        processor=_processor(_json(folder / "environment.json") or {}),
        files=run.get("files", {}),
        audio=shared.audio(folder),
    )


def _processor(environment: Mapping[str, Any]) -> str:
    if gpu := environment.get("gpu"):
        return str(gpu)
    return f"{CPU} ({model})" if (model := environment.get("cpu")) else CPU


def _seconds(results: Sequence[Any]) -> float | None:
    """The wall time of the epochs over all folds; of a system without epochs, what it says that fitting took."""
    total = 0.0
    for result in results:
        times = [row.get("seconds") for row in result["history"] or [result["summary"]]] if result else []
        if not times or None in times:
            return None
        total += sum(times)
    return total


def _json(path: Path) -> Any:
    """The content of a JSON file; None if there is no such file."""
    content = _bytes(path)
    return None if content is None else _parsed(path, content)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be read ({error.strerror}).") from error


def _parsed(path: Path, content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise EvaluationError(f"{path}: is damaged ({error}); delete the folder and run again.") from error
