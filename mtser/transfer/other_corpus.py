"""Evaluate a trained run on a corpus that it has not learned from."""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import torch

from mtser.audio import AudioIndex, AudioInfo
from mtser.corpora.corpus import Corpus
from mtser.corpora.joined import ClassMap, Source, read_class_map, read_source
from mtser.errors import ConfigError
from mtser.evaluation import screen_summary, summarise_models, write_report
from mtser.features import FeatureStore
from mtser.features.input import compute_on, notes_of
from mtser.features.prepare import prepare
from mtser.features.source import FeatureSource
from mtser.inference.members import TrainedRun, load_run
from mtser.model import EmotionModel
from mtser.training.cross_corpus import foreign_languages, repeated_scripts
from mtser.training.data import ModelData
from mtser.training.run_folder import environment
from mtser.transfer.evaluation_folder import EvaluationFolder
from mtser.transfer.judgement import judge, mean_of
from mtser.transfer.seen import TrainingPart, without_seen


def evaluate_run(
    folder: Path,
    source: Source,
    *,
    class_map: str | None = None,
    fold: str | None = None,
    out: Path | None = None,
    device: str | None = None,
    n_jobs: int | None = None,
    command: str | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Judge a corpus, all of it, by the models of a run, and write the report.

    Every utterance gets the mean of the probabilities of the folds' models.

    Parameters
    ----------
    folder
        The run folder.
    source
        The corpus.
    class_map
        A file, or the name of one of mtser's; None takes mtser's if its classes are those of the run. Of a corpus that
        it does not know, labels are taken that are called as the run's classes.
    fold
        One fold's model alone.
    out
        Where the report is written; default: ``evaluations/<corpus>`` in the run folder.
    device
        Where the models compute; default: a GPU if there is one.
    n_jobs
        Threads that extract features; default: one a core.
    command
        The command line, for the report.
    progress
        Whether to show progress bars.

    Returns
    -------
    dict
        What is written into ``metrics.json``.

    Raises
    ------
    EvaluationError
        If the run has learned from this corpus.
    ConfigError
        If the class map does not fit the run, an option is wrong, or ``out`` holds files of something else.
    MtserError
        If the run or the corpus cannot be read.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*folds are finished")  # the report says so
        run = load_run(folder, fold, device or ("cuda" if torch.cuda.is_available() else "cpu"))
    usual = folder / "evaluations" / (source.name if fold is None else f"{source.name}_{fold}")
    place = EvaluationFolder(out or usual, folder, source, fold)
    model, learned = next(iter(run.models.values())), TrainingPart.of(folder, run.models)
    index = AudioIndex(n_jobs=n_jobs)
    corpus = read_source(source, _fitting(run, source, class_map), audio_index=index, progress=progress)
    infos = index.inspect(corpus.audio_paths(), progress=progress)
    unseen = without_seen(corpus, infos, learned, run, fold)
    differing = list(run.models.values()) if run.nested else [model]
    corpus, features = _features(unseen, differing, infos, n_jobs, progress)
    data = ModelData(
        corpus.utterances, run.classes, run.max_words, device=next(model.parameters()).device,
        n_preceding=model.n_preceding, context=corpus.context,
    )  # fmt: skip
    models = judge(run, corpus, features, data, progress=progress)
    together = mean_of(models, run, corpus)
    about = _About.of(folder, run)
    metrics = summarise_models(
        together,
        list(models.values()),
        {one.id: one.speaker for one in corpus.utterances},
        system=about.system,
        corpus=f"{about.trained_on}_to_{source.name}",
        protocol="evaluation",
        skipped=corpus.skipped_reasons(),
        warnings=[*corpus.warnings, *_unfinished(run, fold)],
        synthetic=corpus.synthetic or about.synthetic,
    )
    metrics["cut"] = (
        {f"utterances to their first {run.max_words} words": data.n_cut} if data.n_cut else {}
    ) | model.cut()
    metrics["notes"] = [
        _how(run, about),
        repeated_scripts(learned.utterances, corpus.utterances)[1],
        *foreign_languages(learned.utterances, corpus.utterances),
        *chain.from_iterable(notes_of(input for one in differing for input in one.inputs).values()),
    ]
    out = place.begin()
    corpus.save(out)
    together.save(out / "predictions.csv")
    if len(models) > 1:
        for name, one in models.items():
            one.save(out / "folds" / name / "predictions.csv")
    write_report(out, metrics, command=command, environment=environment(data.device))
    print(screen_summary(metrics, out))
    return metrics


def _features(
    corpus: Corpus, models: list[EmotionModel], infos: Mapping[str, AudioInfo], n_jobs: int | None, progress: bool
) -> tuple[Corpus, FeatureSource]:
    """Compute what the models read; utterances that have none are left out of the corpus."""
    models[0].check_corpus(corpus)
    corpus = corpus.with_context() if models[0].n_preceding else replace(corpus, context=())
    features = FeatureSource(corpus, FeatureStore(), infos, n_jobs, progress)
    inputs = [input for model in models for input in model.inputs]
    compute_on(inputs, next(models[0].parameters()).device)
    return prepare(corpus, features, inputs), features


def _fitting(run: TrainedRun, source: Source, name: str | None) -> ClassMap:
    """The class map, with the classes of the run in their order.

    Of a corpus that mtser's own class map does not know, the labels are taken to be called as the run's classes. A
    class of the run that no label of the corpus leads to stays: it can be predicted, wrongly.
    """
    class_map = read_class_map() if name is None else read_class_map(name)
    if name is None and not {source.name, source.reader} & class_map.labels.keys():
        same = {one: one for one in run.classes}
        said = "without --class_map, labels are the classes of the run"
        return ClassMap(said, run.classes, {source.name: same}, is_guess=True)
    classes = ", ".join(run.classes)
    if unknown := [one for one in class_map.classes if one not in run.classes]:
        which = f"{class_map.source} has" if name is not None else "mtser's own class map has"
        raise ConfigError(
            f"{run.folder}: its classes are {classes}, but {which} {', '.join(unknown)}; give a class map whose "
            "classes are those of the run: --class_map FILE."
        )
    return replace(class_map, classes=run.classes)


def _how(run: TrainedRun, about: "_About") -> str:
    names = ", ".join(f"{name} (epoch {run.epochs[name]})" if run.epochs else name for name in run.models)
    said = "the model of" if len(run.models) == 1 else "the mean of the probabilities of the models of"
    return f"Trained on {about.trained_on} under {about.protocol}; every utterance is judged by {said} {names}."


def _unfinished(run: TrainedRun, fold: str | None) -> list[str]:
    if fold is not None or not run.unfinished:
        return []
    return [f"The run is not finished: the models of {', '.join(run.unfinished)} are missing."]


@dataclass(frozen=True)
class _About:
    """What a run is the run of."""

    system: str
    trained_on: str
    protocol: str
    synthetic: bool

    @classmethod
    def of(cls, folder: Path, run: TrainedRun) -> "_About":
        """As its ``metrics.json`` says, wherever it lies; of a run that has not ended yet, as its place says."""
        try:
            told = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {}
        place = folder.resolve()
        if place.name.startswith("seed_"):
            system, corpus, protocol = (one.name for one in reversed(place.parents[:3]))
        else:
            system, corpus, protocol = run.system, "a corpus", "a protocol that it does not tell"
        members = [one["name"] for one in told.get("corpora", ()) if one["role"] == "train"]
        return cls(
            told.get("system", system),
            "+".join(members) or told.get("corpus", corpus),
            told.get("protocol", protocol),
            bool(told.get("synthetic")),
        )
