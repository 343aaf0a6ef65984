"""One run of a sweep: what is trained, where its results lie, and the command that does it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Run:
    """One system under one protocol with one seed.

    Parameters
    ----------
    system, corpus, protocol
        As in the run folder.
    seed
        Of the training.
    output_folder
        In which all run folders lie.
    command
        The words of the command line that trains it.
    settings
        The resolved YAML as dotted name → value (``Hyperparameters.flat``).
    extractors
        What computes the features that it reads, each as a text: runs that share one need its features made once.
    folds
        The numbers of the folds that are run (from 1); None for all.
    left_open
        Names of settings whose values training puts in: the number of classes, the seed, and what refers to them.

    Example
    -------
    >>> run = Run("full", "mini", "loso", 1, Path("results"), ("python", "train.py"))
    >>> print(run, run.folder.as_posix(), run.log.as_posix())
    full · loso · seed 1 results/full/mini/loso/seed_1 results/sweep/full/mini/loso/seed_1.log
    """

    system: str
    corpus: str
    protocol: str
    seed: int
    output_folder: Path
    command: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    extractors: frozenset[str] = frozenset()
    folds: tuple[int, ...] | None = None
    left_open: frozenset[str] = frozenset({"n_classes", "seed"})

    def __str__(self) -> str:
        return f"{self.system} · {self.protocol} · seed {self.seed}"

    @property
    def like(self) -> str:
        """Runs of which this is equal are expected to take equally long."""
        return self.system

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.output_folder / self._name

    @property
    def log(self) -> Path:
        """What the process printed, last time."""
        return self._beside(".log")

    @property
    def lock(self) -> Path:
        """A file that is locked while a process trains this run."""
        return self._beside(".lock")

    @property
    def note(self) -> Path:
        """A file that says what was asked for when the run ended well."""
        return self._beside(".json")

    @property
    def begun(self) -> bool:
        """Whether the corpus was read and the features were made: training writes this file just after that."""
        return (self.folder / "run.json").is_file()

    @property
    def limit(self) -> int:
        """The most epochs of a fold."""
        return int(self.settings.get("number_of_epochs", 1))

    @property
    def patience(self) -> int:
        """A fold ends when so many epochs in a row were not better; 0 if the YAML does not say."""
        return int(self.settings.get("training.patience", 0))

    @property
    def measure(self) -> str:
        """What of the dev part chooses the epoch, as training's log calls it."""
        return f"dev_{self.settings.get('training.select_by', 'ua')}"

    def command_line(self) -> str:
        """The command as it can be pasted into a shell."""
        return shlex.join(self.command)

    @property
    def _name(self) -> Path:
        return Path(self.system, self.corpus, self.protocol, f"seed_{self.seed}")

    def _beside(self, suffix: str) -> Path:
        path = self.output_folder / "sweep" / self._name
        return path.with_name(path.name + suffix)


def n_runs(n: int) -> str:
    """A number of runs in words.

    Example
    -------
    >>> n_runs(1), n_runs(12)
    ('1 run', '12 runs')
    """
    return f"{n} run{'s' * (n != 1)}"
