"""From the results of folds to metrics, reports and what is shown on the screen."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from speechbrain.utils.distributed import if_main_process

from mtser.corpora.corpus import Corpus
from mtser.corpora.joined import describe_members
from mtser.evaluation import (
    AttributePredictions,
    best_epoch,
    join,
    join_attributes,
    screen_summary,
    summarise,
    summarise_seeds,
    write_report,
    write_seeds_report,
)
from mtser.training.fold import ATTRIBUTES_FILE, FoldResult
from mtser.training.folds import Folds
from mtser.training.run_folder import RunFolder

FoldResults = dict[str, FoldResult]
"""Fold name → result, in the order of the protocol."""


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
    ) -> None:
        self._corpus = corpus
        self._command = command
        self._cut = {f"utterances to their first {max_words} words": n_cut} if n_cut else {}
        self._speakers = {one.id: one.speaker for one in corpus.utterances}
        self._removed = folds.removed
        self._notes = folds.notes
        self._members = describe_members(corpus)
        self._about: dict[str, Any] = {
            "system": system,
            "corpus": corpus_name,
            "protocol": folds.protocol,
            "warnings": (*corpus.warnings, *folds.warnings),
            "all_folds": folds.names(),
            "synthetic": corpus.synthetic,
        }

    def seed(self, run: RunFolder, results: FoldResults) -> dict[str, Any]:
        """The metrics of one seed; predictions and report are written into its run folder."""
        predictions = join([result.predictions for result in results.values()])
        skipped = self._corpus.skipped_reasons()
        attributes = _attributes(results.values())
        metrics = summarise(
            predictions, self._speakers, attributes, skipped=skipped, removed=self._removed, **self._about
        )
        metrics["cut"] = self._cut
        if self._members:
            metrics["corpora"] = self._members
        metrics["notes"] = list(
            dict.fromkeys([*self._notes, *(note for one in results.values() for note in one.notes)])
        )
        metrics["model"] = {fold: result.summary for fold, result in results.items()}
        if if_main_process():
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
            print(screen_summary(metrics, run.path))
        return metrics

    def seeds(self, folder: Path, results: list[FoldResults]) -> None:
        """Several seeds together, on the folds that all of them have."""
        if not if_main_process():
            return
        common = [fold for fold in results[0] if all(fold in one for one in results)]
        runs = [join([one[fold].predictions for fold in common]) for one in results]
        attributes = _attributes([one[fold] for one in results for fold in common])
        metrics = summarise_seeds(runs, self._speakers, attributes, **self._about)
        write_seeds_report(folder, metrics, command=self._command)
        print(screen_summary(metrics, folder))


def _attributes(results: Iterable[FoldResult]) -> AttributePredictions | None:
    """Those of all results; None unless all have them."""
    parts = [result.attributes for result in results]
    told = [one for one in parts if one is not None]
    return join_attributes(told) if told and len(told) == len(parts) else None
