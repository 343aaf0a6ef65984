"""Predictions of one or several runs, and their file ``predictions.csv``."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mtser.errors import EvaluationError
from mtser.evaluation.metrics import confusion_matrix
from mtser.files import write_csv

COLUMNS = ("utterance", "fold", "seed", "truth", "prediction")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a system said about each test utterance.

    Rows are put into a fixed order: by seed, then by fold (in the order of their first row), then by utterance id.

    Parameters
    ----------
    utterances, folds
        Utterance id and fold name of each row, ``n`` texts.
    seeds, truth, prediction
        Integers ``[n]`` (lists will do); truth and prediction are indices into ``classes``.
    probabilities
        ``[n, K]`` (lists will do), kept as float32.
    classes
        The K classes in their fixed order.

    Raises
    ------
    EvaluationError
        If lengths differ, an index is out of range, a probability is no number from 0 to 1, or an utterance stands
        twice under one seed.

    Example
    -------
    >>> one = Predictions(["u2", "u1"], ["f", "f"], [1, 1], [0, 1], [0, 0], [[0.9, 0.1], [0.6, 0.4]], ("sad", "angry"))
    >>> one.utterances, one.confusion().tolist()
    (('u1', 'u2'), [[1, 0], [1, 0]])
    """

    utterances: Sequence[str]
    folds: Sequence[str]
    seeds: NDArray[np.int64]
    truth: NDArray[np.int64]
    prediction: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    classes: Sequence[str]

    def __post_init__(self) -> None:
        n, n_classes = len(self.utterances), len(self.classes)
        integers = {name: np.asarray(getattr(self, name), np.int64) for name in ("seeds", "truth", "prediction")}
        probabilities = np.asarray(self.probabilities, np.float32).reshape(-1, n_classes)
        if {len(self.folds), len(probabilities), *map(len, integers.values())} != {n}:
            raise EvaluationError(f"Predictions of {n} utterances have columns of other lengths.")
        confusion_matrix(integers["truth"], integers["prediction"], n_classes)  # checks the indices
        wrong = ~((probabilities >= 0) & (probabilities <= 1.001)).all(1)  # NaN is wrong too
        if wrong.any():
            raise EvaluationError(
                f"{wrong.sum()} predictions have no probabilities from 0 to 1 (the first: "
                f"{self.utterances[int(wrong.argmax())]}); the training has probably diverged."
            )
        rank = {name: i for i, name in enumerate(dict.fromkeys(self.folds))}
        keys = [(int(integers["seeds"][i]), rank[self.folds[i]], self.utterances[i]) for i in range(n)]
        order = sorted(range(n), key=keys.__getitem__)
        repeated = Counter((seed, utterance) for seed, _, utterance in keys)
        if len(repeated) < n:
            (seed, utterance), _ = repeated.most_common(1)[0]
            raise EvaluationError(f"The utterance {utterance} is predicted twice with the seed {seed}.")
        object.__setattr__(self, "utterances", tuple(self.utterances[i] for i in order))
        object.__setattr__(self, "folds", tuple(self.folds[i] for i in order))
        object.__setattr__(self, "classes", tuple(self.classes))
        object.__setattr__(self, "probabilities", probabilities[order])
        for name, column in integers.items():
            object.__setattr__(self, name, column[order])

    def __len__(self) -> int:
        return len(self.utterances)

    def fold_names(self) -> tuple[str, ...]:
        """The folds, in their order."""
        return tuple(dict.fromkeys(self.folds))

    def seed_values(self) -> tuple[int, ...]:
        """The seeds, ascending."""
        return tuple(int(seed) for seed in np.unique(self.seeds))

    def select(self, rows: NDArray[np.bool_]) -> "Predictions":
        """The rows where ``rows`` ``[n]`` is true."""
        chosen = np.flatnonzero(rows).tolist()
        return Predictions(
            [self.utterances[i] for i in chosen],
            [self.folds[i] for i in chosen],
            self.seeds[chosen],
            self.truth[chosen],
            self.prediction[chosen],
            self.probabilities[chosen],
            self.classes,
        )

    def fold(self, name: str) -> "Predictions":
        """The rows of one fold."""
        return self.select(np.asarray([fold == name for fold in self.folds], bool))

    def items(self, seed: int) -> dict[str, tuple[str, str]]:
        """Utterance id → its fold and true class, of one seed: what must agree wherever results are put together."""
        rows = np.flatnonzero(self.seeds == seed).tolist()
        return {self.utterances[i]: (self.folds[i], self.classes[self.truth[i]]) for i in rows}

    def confusion(self) -> NDArray[np.int64]:
        """The confusion matrix ``[K, K]`` of all rows."""
        return confusion_matrix(self.truth, self.prediction, len(self.classes))

    def save(self, path: str | Path) -> Path:
        """Write ``predictions.csv``, atomically; nine digits give every float32 back exactly."""
        rows = (
            [self.utterances[i], self.folds[i], self.seeds[i]]
            + [self.classes[self.truth[i]], self.classes[self.prediction[i]]]
            + [f"{value:.9g}" for value in self.probabilities[i]]
            for i in range(len(self))
        )
        return write_csv(path, (*COLUMNS, *(f"p_{name}" for name in self.classes)), rows)

    @classmethod
    def read(cls, path: str | Path) -> "Predictions":
        """Read ``predictions.csv``.

        Raises
        ------
        EvaluationError
            If the file is missing or damaged; the sentence says where.
        """
        path = Path(path)
        try:
            text = path.read_bytes().decode("utf-8")
        except OSError as error:
            raise EvaluationError(f"{path}: cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise EvaluationError(f"{path}: is not UTF-8 text; make the predictions again.") from error
        if not text.endswith("\n"):
            raise EvaluationError(f"{path}: breaks off in the middle of a line; make the predictions again.")
        try:
            return _parse(text)
        except (EvaluationError, csv.Error) as error:
            raise EvaluationError(f"{path}: {error}") from error


def join(parts: Sequence[Predictions]) -> Predictions:
    """The predictions of several folds or seeds as one.

    Raises
    ------
    EvaluationError
        If there is no part, the classes differ, or an utterance is predicted twice with one seed.
    """
    if not parts:
        raise EvaluationError("There are no predictions to join.")
    if any(part.classes != parts[0].classes for part in parts):
        raise EvaluationError("Predictions over different classes cannot be joined.")
    return Predictions(
        [id for part in parts for id in part.utterances],
        [fold for part in parts for fold in part.folds],
        np.concatenate([part.seeds for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.prediction for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        parts[0].classes,
    )


def _parse(text: str) -> Predictions:
    """The content of a predictions file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    names = [column.removeprefix("p_") for column in header[len(COLUMNS) :]]
    expected = [*COLUMNS, *(f"p_{name}" for name in names)]
    if not names or header != expected or len(set(names)) < len(names):
        raise EvaluationError(f"line 1: the columns must be {','.join(COLUMNS)},p_<class>..., once for each class.")
    index = {name: i for i, name in enumerate(names)}
    utterances: list[str] = []
    folds: list[str] = []
    seeds: list[int] = []
    truth: list[int] = []
    prediction: list[int] = []
    probabilities: list[list[float]] = []
    for row in reader:
        try:
            if len(row) != len(header):
                raise ValueError(f"{len(row)} fields instead of {len(header)}")
            seeds.append(int(row[2]))
            truth.append(index[row[3]])
            prediction.append(index[row[4]])
            probabilities.append([float(value) for value in row[len(COLUMNS) :]])
        except KeyError as error:
            raise EvaluationError(f"line {reader.line_num}: {error} is no class of the header.") from error
        except ValueError as error:
            raise EvaluationError(f"line {reader.line_num}: {error}.") from error
        utterances.append(row[0])
        folds.append(row[1])
    return Predictions(
        utterances,
        folds,
        np.array(seeds, np.int64),
        np.array(truth, np.int64),
        np.array(prediction, np.int64),
        np.array(probabilities, np.float32),
        names,
    )
