"""From the results of folds to metrics, reports and what is shown on the screen."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from speechbrain.utils.distributed import if_main_process

from mtser.corpora.corpus import Corpus
from mtser.corpora.joined import describe_members
from mtser.errors import MtserError
from mtser.evaluation import (
    AttributePredictions,
    Predictions,
    best_epoch,
    ensemble,
    join,
    join_attributes,
    screen_summary,
    seeds_alike,
    summarise,
    summarise_seeds,
    write_report,
    write_seeds_report,
)
from mtser.files import write_json
from mtser.training.fold import ATTRIBUTES_FILE, FoldResult
from mtser.training.folds import Folds
from mtser.training.run_folder import RunFolder
from mtser.unfinished import remove_leftovers

FoldResults = dict[str, FoldResult]
"""Fold name → result, in the order of the protocol."""
DEV_ONLY = (
    "These are figures of the dev parts, on which the epochs were chosen, so they are too good; no test part was read."
)
_MEANS = ("dev_wa", "dev_ua")


class Judge:
    """Sums up what one command brought; under ``torchrun`` the main process writes and prints.

    Parameters
    ----------
    system, corpus_name
        As in the run folder.
    corpus, folds
        What was trained on.
    n_cut, max_words
        Utterances that were cut to this many words.
    command
        The command line, for the report.
    notes
        Sentences for the report.
    """

    def __init__(
        self,
        system: str,
        corpus_name: str,
        corpus: Corpus,
        folds: Folds,
        n_cut: int,
        max_words: int,
        command: str | None,
        notes: Sequence[str] = (),
    ) -> None:
        self._corpus = corpus
        self._command = command
        self._notes = (*notes, *folds.notes)
        self._cut = {f"utterances to their first {max_words} words": n_cut} if n_cut else {}
        self._speakers = {one.id: one.speaker for one in corpus.utterances}
        self._removed = folds.removed
        self._members = describe_members(corpus)
        self._about: dict[str, Any] = {
            "system": system,
            "corpus": corpus_name,
            "protocol": folds.protocol,
            "warnings": (*corpus.warnings, *folds.warnings),
            "all_folds": folds.names(),
            "synthetic": corpus.synthetic,
            "licence": corpus.licence,
        }

    def seed(self, run: RunFolder, results: FoldResults) -> dict[str, Any]:
        """The metrics of one seed; predictions and report are written into its run folder."""
        predictions = join(_predictions(results.values()))
        skipped = self._corpus.skipped_reasons()
        attributes = _attributes(results.values())
        metrics = summarise(
            predictions, self._speakers, attributes, skipped=skipped, removed=self._removed, **self._about
        )
        names = dict.fromkeys(what for one in results.values() for what in one.cut)
        metrics["cut"] = self._cut | {what: max(one.cut.get(what, 0) for one in results.values()) for what in names}
        if self._members:
            metrics["corpora"] = self._members
        every = [*self._notes, *(note for one in results.values() for note in one.notes)]
        metrics["notes"] = list(dict.fromkeys(every))
        metrics["model"] = {fold: result.summary for fold, result in results.items()}
        if if_main_process():
            is_there = run.is_reported(json.loads(json.dumps(metrics)))
            try:
                self._write(run, results, predictions, attributes, metrics)
            except MtserError:
                if not is_there:  # else all of it lies in a folder that cannot be written into
                    raise
            print(screen_summary(metrics, run.path))
        return metrics

    def _write(
        self,
        run: RunFolder,
        results: FoldResults,
        predictions: Predictions,
        attributes: AttributePredictions | None,
        metrics: Mapping[str, Any],
    ) -> None:
        predictions.save(run.path / "predictions.csv")
        if attributes is not None:
            attributes.save(run.path / ATTRIBUTES_FILE)
        histories = {fold: result.history for fold, result in results.items() if result.history}
        chosen = {fold: best_epoch(result.history, result.measure) for fold, result in results.items()}
        write_report(
            run.path,
            metrics,
            histories=histories,
            chosen={fold: epoch for fold, epoch in chosen.items() if epoch is not None},
            command=self._command,
            environment=run.environment(),
        )

    def dev(self, run: RunFolder, results: FoldResults) -> dict[str, Any]:
        """What one seed reached on the dev parts, as ``metrics.json``; no test part was looked at."""
        measure = next(iter(results.values())).measure
        folds = []
        for name, result in results.items():
            best = max(result.history, key=lambda row: row[measure])
            told = {key: value for key, value in best.items() if key == "epoch" or key.startswith("dev_")}
            folds.append({"name": name, **told, "epochs": len(result.history)})
        metrics = {
            "part": "dev",
            **{name: self._about[name] for name in ("system", "corpus", "protocol", "synthetic")},
            "measure": measure,
            "dev": {
                name: fmean(fold[name] for fold in folds)
                for name in dict.fromkeys((measure, *_MEANS))
                if name in folds[0]
            },
            "folds": folds,
            "folds_missing": [name for name in self._about["all_folds"] if name not in results],
            "skipped": self._corpus.skipped_reasons(),
            "warnings": [*self._about["warnings"], DEV_ONLY],
        }
        if if_main_process():
            write_json(run.path / "metrics.json", metrics)
            over = f"{len(folds)} fold{'s' * (len(folds) > 1)}"
            print(f"\nOn dev, mean over {over}: {_told(metrics['dev'])}. {DEV_ONLY}\n{run.path}")
        return metrics

    def seeds(self, folder: Path, results: list[FoldResults]) -> None:
        """Several seeds together, on the folds that all of them have."""
        if not if_main_process():
            return
        common = [fold for fold in results[0] if all(fold in one for one in results)]
        runs = [join(_predictions(one[fold] for fold in common)) for one in results]
        attributes = _attributes([one[fold] for one in results for fold in common])
        metrics = summarise_seeds(runs, self._speakers, attributes, **self._about)
        if not seeds_alike(joined := join(runs)):
            metrics["ensemble"] = summarise(ensemble(joined), self._speakers, **self._about)["pooled"]
        remove_leftovers(folder, "seeds.*")
        write_seeds_report(folder, metrics, command=self._command)
        print(screen_summary(metrics, folder))


def _predictions(results: Iterable[FoldResult]) -> list[Predictions]:
    return [result.predictions for result in results if result.predictions is not None]


def _told(dev: Mapping[str, float]) -> str:
    return ", ".join(f"{name.removeprefix('dev_').upper()} {value:.3f}" for name, value in dev.items())


def _attributes(results: Iterable[FoldResult]) -> AttributePredictions | None:
    """Those of all results; None unless all have them."""
    parts = [result.attributes for result in results]
    told = [one for one in parts if one is not None]
    return join_attributes(told) if told and len(told) == len(parts) else None
