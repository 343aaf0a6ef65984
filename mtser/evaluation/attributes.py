"""Predictions of valence, activation and dominance, their file ``attributes.csv``, and how good they are."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mtser.corpora.utterance import ATTRIBUTES
from mtser.errors import EvaluationError
from mtser.evaluation.metrics import Floats
from mtser.files import write_csv

COLUMNS = ("utterance", "fold", "seed", *ATTRIBUTES, *(f"predicted_{name}" for name in ATTRIBUTES))


@dataclass(frozen=True, eq=False)
class AttributePredictions:
    """What a system said about the attributes of each test utterance, on the scale of the corpus.

    Parameters
    ----------
    utterances, folds
        Utterance id and fold name of each row, ``n`` texts.
    seeds
        Integers ``[n]`` (a list will do).
    truth
        ``[n, 3]`` (lists will do): valence, activation and dominance; NaN where an utterance is not rated.
    prediction
        ``[n, 3]``, kept as float32.

    Raises
    ------
    EvaluationError
        If lengths differ or a prediction is no number.

    Example
    -------
    >>> one = AttributePredictions(["u1", "u2"], ["f", "f"], [1, 1], [[1, 2, 2], [3, 2, 4]], [[1, 3, 4], [3, 1, 2]])
    >>> one.summary()
    {'valence': {'ccc': 1.0, 'n': 2}, 'activation': {'ccc': None, 'n': 2}, 'dominance': {'ccc': -1.0, 'n': 2}}
    """

    utterances: Sequence[str]
    folds: Sequence[str]
    seeds: NDArray[np.int64]
    truth: Floats
    prediction: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.utterances)
        seeds = np.asarray(self.seeds, np.int64)
        truth = np.asarray(self.truth, np.float64).reshape(-1, len(ATTRIBUTES))
        prediction = np.asarray(self.prediction, np.float32).reshape(-1, len(ATTRIBUTES))
        if {len(self.folds), len(seeds), len(truth), len(prediction)} != {n}:
            raise EvaluationError(f"Attributes of {n} utterances have columns of other lengths.")
        wrong = ~np.isfinite(prediction).all(1)
        if wrong.any():
            raise EvaluationError(
                f"{wrong.sum()} predictions of attributes are no numbers (the first: "
                f"{self.utterances[int(wrong.argmax())]}); the training has probably diverged."
            )
        object.__setattr__(self, "utterances", tuple(self.utterances))
        object.__setattr__(self, "folds", tuple(self.folds))
        for name, column in (("seeds", seeds), ("truth", truth), ("prediction", prediction)):
            object.__setattr__(self, name, column)

    def __len__(self) -> int:
        return len(self.utterances)

    def select(self, rows: NDArray[np.bool_]) -> "AttributePredictions":
        """The rows where ``rows`` ``[n]`` is true."""
        chosen = np.flatnonzero(rows).tolist()
        return AttributePredictions(
            [self.utterances[i] for i in chosen],
            [self.folds[i] for i in chosen],
            self.seeds[chosen],
            self.truth[chosen],
            self.prediction[chosen],
        )

    def fold(self, name: str) -> "AttributePredictions":
        """The rows of one fold."""
        return self.select(np.asarray([fold == name for fold in self.folds], bool))

    def summary(self) -> dict[str, dict[str, Any]]:
        """Attribute → its concordance correlation (None where it is not defined) and the number of ratings."""
        found = concordance_correlation(self.truth, self.prediction)
        rated = (~np.isnan(self.truth)).sum(0)
        return {
            name: {"ccc": None if np.isnan(ccc) else float(ccc), "n": int(n)}
            for name, ccc, n in zip(ATTRIBUTES, found, rated, strict=True)
        }

    def save(self, path: str | Path) -> Path:
        """Write ``attributes.csv``, atomically; what is not rated stays empty."""
        rows = (
            [self.utterances[i], self.folds[i], self.seeds[i]]
            + ["" if np.isnan(value) else repr(float(value)) for value in self.truth[i]]
            + [f"{value:.9g}" for value in self.prediction[i]]
            for i in range(len(self))
        )
        return write_csv(path, COLUMNS, rows)

    @classmethod
    def read(cls, path: str | Path) -> "AttributePredictions":
        """Read ``attributes.csv``.

        Raises
        ------
        EvaluationError
            If the file is missing or damaged; the sentence says where.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EvaluationError(f"{path}: cannot be read ({error}).") from error
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            if tuple(next(reader, [])) != COLUMNS or not text.endswith("\n"):
                raise ValueError(f"it does not have the columns {','.join(COLUMNS)}, or breaks off")
            rows = [(row[0], row[1], int(row[2]), [float(value or "nan") for value in row[3:]]) for row in reader]
            if any(len(row[3]) != 2 * len(ATTRIBUTES) for row in rows):
                raise ValueError("a field is missing")
        except (ValueError, IndexError, csv.Error) as error:
            raise EvaluationError(
                f"{path}, line {reader.line_num}: is damaged ({error}); make the predictions again."
            ) from error
        values = np.array([row[3] for row in rows], np.float64).reshape(len(rows), 2, len(ATTRIBUTES))
        return cls(
            [row[0] for row in rows],
            [row[1] for row in rows],
            np.array([row[2] for row in rows], np.int64),
            values[:, 0],
            values[:, 1].astype(np.float32),
        )


def join_attributes(parts: Sequence[AttributePredictions]) -> AttributePredictions:
    """The predictions of several folds or seeds as one."""
    return AttributePredictions(
        [id for part in parts for id in part.utterances],
        [fold for part in parts for fold in part.folds],
        np.concatenate([part.seeds for part in parts]),
        np.concatenate([part.truth for part in parts]),
        np.concatenate([part.prediction for part in parts]),
    )


def concordance_correlation(truth: ArrayLike, prediction: ArrayLike) -> Floats:
    """The concordance correlation coefficient of each column (Lin, Biometrics 45, 1989).

    CCC = 2 s_xy / (s_x² + s_y² + (x̄ - ȳ)²), covariance and variances divided by n, over the rows whose truth is not
    NaN. It is Pearson's correlation where mean and spread agree, and less where they do not.

    Parameters
    ----------
    truth, prediction
        ``[n, attributes]``.

    Returns
    -------
    array ``[attributes]``
        From -1 to 1; NaN where no two ratings differ.

    Example
    -------
    >>> concordance_correlation([[1], [2], [3]], [[2], [3], [4]])
    array([0.57142857])
    """
    truth, prediction = np.asarray(truth, np.float64), np.asarray(prediction, np.float64)
    found = np.full(truth.shape[1], np.nan)
    for column in range(truth.shape[1]):
        rated = ~np.isnan(truth[:, column])
        x, y = truth[rated, column], prediction[rated, column]
        if len(set(x.tolist())) > 1:
            together = 2 * np.mean((x - x.mean()) * (y - y.mean()))
            found[column] = together / (x.var() + y.var() + (x.mean() - y.mean()) ** 2)
    return found
