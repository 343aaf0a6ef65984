"""Made-up run folders with known numbers."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from mtser.corpora import Corpus, Utterance, Word
from mtser.corpora.corpus import Skipped
from mtser.evaluation import Predictions, summarise
from mtser.files import write_json

CLASSES = ("angry", "happy", "sad", "neutral")


def utterance(id: str, speaker: str, emotion: str, **values) -> Utterance:
    """An utterance of one word."""
    return Utterance(id, f"{id}.wav", 1.0, speaker, emotion, "Oh.", (Word("oh", 0.1, 0.9),), **values)


def corpus_of(
    truth: Sequence[int], speakers: Sequence[str], classes: Sequence[str] = CLASSES, skipped: Sequence[Skipped] = ()
) -> Corpus:
    """A corpus whose utterances are u000, u001, ..."""
    utterances = tuple(
        utterance(f"u{i:03d}", speaker, classes[label])
        for i, (label, speaker) in enumerate(zip(truth, speakers, strict=True))
    )
    return Corpus("toy", Path("/toy"), tuple(classes), utterances, tuple(skipped))


def write_run(
    root: Path,
    system: str,
    probabilities: np.ndarray,
    corpus: Corpus,
    *,
    corpus_name: str = "toy",
    protocol: str = "loso",
    seed: int = 1,
    n_folds: int = 2,
    folds: Sequence[str] | None = None,
    folds_hash: str | None = None,
    folds_run: Sequence[str] | None = None,
    settings: Mapping[str, object] | None = None,
    warnings: Sequence[str] = (),
    synthetic: bool = False,
    attributes: Mapping[str, object] | None = None,
    parameters: int | None = 1000,
    epoch_seconds: Sequence[float] = (1.0, 2.0),
    audio: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write one run folder.

    ``probabilities`` ``[n, K]`` are those of the corpus's utterances, in the order of their ids; the fold of an
    utterance is told by its number unless ``folds`` names it.
    """
    folder = root / system / corpus_name / protocol / f"seed_{seed}"
    ids = [one.id for one in corpus.utterances]
    folds = folds or [f"fold_{i % n_folds + 1}" for i in range(len(ids))]
    everything = list(dict.fromkeys(folds))
    run = [i for i, fold in enumerate(folds) if folds_run is None or fold in folds_run]
    truth = np.array([corpus.classes.index(one.emotion) for one in corpus.utterances])
    predictions = Predictions(
        [ids[i] for i in run],
        [folds[i] for i in run],
        np.full(len(run), seed),
        truth[run],
        probabilities[run].argmax(1),
        probabilities[run],
        corpus.classes,
    )
    speakers = {one.id: one.speaker for one in corpus.utterances}
    metrics = summarise(
        predictions, speakers, system=system, corpus=corpus_name, protocol=protocol, warnings=warnings,
        synthetic=synthetic, all_folds=sorted(everything), skipped=corpus.skipped_reasons(),
    )  # fmt: skip
    metrics["model"] = {name: {} if parameters is None else {"parameters": parameters} for name in everything}
    if attributes is not None:
        metrics["attributes"] = attributes
    corpus.save(folder)
    predictions.save(folder / "predictions.csv")
    for name in {folds[i] for i in run}:
        history = [{"epoch": i, "seconds": seconds} for i, seconds in enumerate(epoch_seconds, 1)]
        write_json(folder / "folds" / name / "result.json", {"history": history, "summary": {}})
    hyperparameters = {"system": system, "seed": seed, "number_of_epochs": 2, **(settings or {})}
    told = folds_hash or hashlib.sha256(json.dumps(folds).encode()).hexdigest()
    run_json = {"hyperparameters": hyperparameters, "manifest": corpus.manifest_hash(), "folds": told}
    run_json |= {"files": files} if files else {}
    write_json(folder / "run.json", {**run_json, "options": {"precision": "fp32"}})
    write_json(folder / "metrics.json", metrics)
    if audio is not None:
        write_json(folder / "audio.json", audio)
    return folder


def predict_otherwise(folder: Path, change: Callable[[str], str]) -> None:
    """Change a run's ``predictions.csv``, and what ``metrics.json`` says of it."""
    file = folder / "predictions.csv"
    file.write_text(change(file.read_text()))
    predictions, metrics = Predictions.read(file), json.loads((folder / "metrics.json").read_text())
    metrics["n_utterances"] = len(predictions)
    metrics["pooled"]["confusion"] = predictions.confusion().tolist()
    write_json(folder / "metrics.json", metrics)


def write_not_applicable(root: Path, system: str, reason: str, *, protocol: str = "loso", seed: int = 1) -> Path:
    """Write the folder that train.py leaves if a corpus cannot feed a system."""
    folder = root / system / "toy" / protocol / f"seed_{seed}"
    write_json(folder / "not_applicable.json", {"reason": reason})
    return folder


def sure(answers: Sequence[int], n_classes: int = len(CLASSES), confidence: float = 1.0) -> np.ndarray:
    """Probabilities ``[n, K]`` of a system that gives these answers, each with one confidence."""
    rest = (1 - confidence) / (n_classes - 1)
    return np.full((len(answers), n_classes), rest) + (confidence - rest) * np.eye(n_classes)[list(answers)]
