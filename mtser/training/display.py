"""What a user sees while a system is trained."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from speechbrain.utils.distributed import if_main_process
from tqdm import tqdm

from mtser.corpora.corpus import Corpus
from mtser.corpora.joined import describe_members
from mtser.evaluation.metrics import unweighted_accuracy, weighted_accuracy
from mtser.measures_on_dev import NAMES
from mtser.progress_bar import progress_bar
from mtser.training.fold import FoldResult
from mtser.training.folds import Fold, Folds

_BAR = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} epochs [{elapsed}, at most {remaining} left]{postfix}"


class Display:
    """Prints what is trained on what, and makes a progress bar for each seed.

    Parameters
    ----------
    system, corpus_name
        As in the run folder.
    folds, seeds
        What will be run.
    corpus
        What it will be run on.
    n_cut, max_words
        Utterances that were cut to this many words.
    measure
        The column of the history by which the epoch is chosen.
    """

    def __init__(
        self,
        system: str,
        corpus_name: str,
        folds: Folds,
        seeds: Sequence[int],
        corpus: Corpus,
        n_cut: int,
        max_words: int,
        measure: str = "dev_ua",
    ) -> None:
        self._folds = folds
        self._measure = measure
        self._noted: set[str] = set()
        if not if_main_process():
            return
        print_corpus(system, corpus_name, corpus)
        if n_cut:
            print(f"Cut       {n_cut} utterances to {max_words} words")
        seeds_text = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
        print(f"Protocol  {folds.protocol}: {len(folds.folds)} fold{'s' * (len(folds.folds) != 1)}; {seeds_text}")
        for warning in (*corpus.warnings, *folds.warnings):
            print(f"Warning   {warning}")
        for note in folds.notes:
            print(f"Note      {note}")

    @contextmanager
    def seed(self, seed: int, folder: Path, n_folds: int, n_epochs: int) -> Iterator["_Bar"]:
        """A progress bar over all epochs of all folds of a seed."""
        bar = progress_bar(total=n_folds * n_epochs, unit="epoch", bar_format=_BAR, show=if_main_process())
        bar.set_description_str(f"seed {seed}")
        if if_main_process():
            tqdm.write(f"Results   {folder}\n")
        try:
            yield _Bar(bar, self._folds, n_epochs, self._noted, self._measure)
        finally:
            bar.close()


def print_corpus(system: str, corpus_name: str, corpus: Corpus) -> None:
    """What is trained on what, and how much of the corpus was left out for which reason."""
    said = "synthetic speech" if corpus.synthetic else "speech"
    print(f"System    {system}")
    print(f"Corpus    {corpus_name}: {len(corpus.utterances)} utterances of {said} in {corpus.place}")
    _print_counts(corpus)
    if corpus.skipped:
        reasons = ", ".join(f"{reason} {count}" for reason, count in corpus.skipped_reasons().items())
        print(f"Left out  {len(corpus.skipped)}: {reasons}")


def _print_counts(corpus: Corpus) -> None:
    """How often each class is there; of joined corpora, in each of them."""
    emotions = [one.emotion for one in corpus.utterances]
    if not corpus.members:
        print(f"          {_counts({name: emotions.count(name) for name in corpus.classes})}")
    for one in describe_members(corpus):
        print(f"          {one['role']:<5} {one['name']}: {one['utterances']} utterances of {one['speakers']} speakers")
        print(f"                {_counts(one['classes'])}")


def _counts(classes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in classes.items())


class _Bar:
    """The progress bar of one seed."""

    def __init__(self, bar: tqdm, folds: Folds, n_epochs: int, noted: set[str], measure: str) -> None:
        self._bar = bar
        self._noted = noted  # by earlier folds and seeds
        self._folds = folds
        self._n_epochs = n_epochs
        self._before = 0  # epochs of finished folds
        self._measure = measure
        self._best = 0.0

    def epoch(self, fold: Fold, row: dict[str, Any]) -> None:
        """One epoch more."""
        now = row[self._measure]
        self._best = now if row["epoch"] == 1 else max(self._best, now)
        self._bar.set_postfix_str(
            f"{fold.name} epoch {row['epoch']}, loss {row['train_loss']:.3f}, dev {NAMES[self._measure]} {now:.3f} "
            f"(best {self._best:.3f})",
            refresh=False,
        )
        self._bar.update(self._before + row["epoch"] - self._bar.n)

    def fold(self, fold: Fold, result: FoldResult) -> None:
        """One fold more: its line, and the epochs that early stopping spared are taken off the bar."""
        if not if_main_process():
            return
        for note in result.notes:
            if note not in self._noted:
                tqdm.write(f"Note      {note}")
        self._noted.update(result.notes)
        history, number = result.history, self._folds.names().index(fold.name) + 1
        tqdm.write(f"fold {number}/{len(self._folds.folds)} {fold.name:<12} {_judged(result)}{_training(result)})")
        self._before += len(history)
        self._bar.total -= self._n_epochs - len(history)
        self._bar.update(self._before - self._bar.n)


def _judged(result: FoldResult) -> str:
    """WA and UA on the test part, if that was looked at, and the beginning of what stands behind them."""
    if result.predictions is None:
        return "("
    confusion = result.predictions.confusion()
    measures = f"WA {weighted_accuracy(confusion):.3f}  UA {unweighted_accuracy(confusion):.3f}"
    return f"{measures}  ({len(result.predictions)} utterances; "


def _training(result: FoldResult) -> str:
    """The chosen epoch and what training took; only the latter of a system without epochs."""
    history = result.history
    if not history:
        return f"{result.summary['seconds']:.1f} s"
    best = max(history, key=lambda row: row[result.measure])
    chosen = f"epoch {best['epoch']} of {len(history)}, dev {NAMES[result.measure]} {best[result.measure]:.3f}"
    return f"{chosen}; {sum(row['seconds'] for row in history):.0f} s"
