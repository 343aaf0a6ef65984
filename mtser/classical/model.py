"""Logistic regression over an utterance's audio and words, each by itself (late fusion) or both in a row (early)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from mtser.checks import check_number
from mtser.classical.arrays import FILE, read_arrays, write_arrays
from mtser.classical.logistic import Chosen, LinearClassifier, choose, ua
from mtser.classical.views import Part, View
from mtser.corpora.corpus import Corpus
from mtser.errors import ConfigError, ModelError
from mtser.features.input import Input

SHARES = np.linspace(0, 1, 21)
"""What late fusion chooses the share of a modality's probabilities from."""

_EARLY = "both"  # the one classifier of early fusion


class ClassicalModel:
    """A system without epochs: it takes a model's place in a YAML, and is fitted in one go.

    Scaling, vocabulary and classifiers are fitted on the training part. Choices are made on the dev part: the strength
    of the regularisation, the class weights, and late fusion's shares. Nothing is fitted again on both together, as
    no other system is.

    Parameters
    ----------
    audio, text
        How each modality becomes a row of numbers; None leaves it out.
    fusion
        "late": a classifier a modality, the probabilities averaged with shares of 0, 0.05, ..., 1 (of equally good
        shares the most even). "early": one classifier over the concatenated rows.
    strengths
        Of the regularisation, scikit-learn's C: large is weak.
    class_weights
        "none" and "balanced" (each class counts the same), or one of them.

    Raises
    ------
    ConfigError
        If there is no modality or no choice, or an option has a value that there is not.

    Example
    -------
    >>> from mtser.classical import TfIdf
    >>> ClassicalModel(audio=None, text=TfIdf()).inputs
    ()
    """

    def __init__(
        self,
        *,
        audio: View | None,
        text: View | None,
        fusion: str = "late",
        strengths: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0),
        class_weights: Sequence[str] = ("none", "balanced"),
    ) -> None:
        self.views = {name: view for name, view in (("audio", audio), ("text", text)) if view is not None}
        for name, view in self.views.items():
            if not isinstance(view, View):
                raise ConfigError(f"{name}_encoder of a classical model has to be one of mtser.classical, or null.")
        if not self.views:
            raise ConfigError("a classical model needs audio, text or both; audio_encoder and text_encoder are null.")
        if fusion not in ("late", "early"):
            raise ConfigError(f"fusion is {fusion!r}; it can be late or early.")
        class_weights = [class_weights] if isinstance(class_weights, str) else class_weights
        if not class_weights or not set(class_weights) <= {"none", "balanced"}:
            raise ConfigError(f"class_weights is {class_weights!r}; it can be a list of none and balanced.")
        strengths = strengths if isinstance(strengths, Sequence) else [strengths]
        for strength in strengths:
            check_number("a strength", strength)
        if not strengths or min(strengths) <= 0:
            raise ConfigError("strengths needs numbers greater than 0.")
        self.fusion = fusion
        self.strengths = tuple(strengths)
        self.class_weights = tuple(class_weights)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What it reads from the corpus besides the words."""
        return tuple(dict.fromkeys(input for view in self.views.values() for input in view.inputs))

    def check_corpus(self, corpus: Corpus) -> None:
        """Refuse a corpus that can never feed it.

        Raises
        ------
        NotApplicableError
            With what the corpus lacks.
        """
        for view in self.views.values():
            view.check_corpus(corpus)

    def fit(self, train: Part, dev: Part, n_classes: int) -> "FittedClassical":
        """Learn from the training part, choose on the dev part."""
        for view in self.views.values():
            view.fit(train)
        groups = _groups(self.views, self.fusion)
        chosen: dict[str, Chosen] = {}
        for name, views in groups.items():
            chosen[name] = choose(
                _rows(views, train),
                train.labels,
                _rows(views, dev),
                dev.labels,
                n_classes=n_classes,
                strengths=self.strengths,
                class_weights=self.class_weights,
            )
        parts = [one.classifier.probabilities(_rows(groups[name], dev)) for name, one in chosen.items()]
        share = _best_share(dev.labels, *parts) if len(parts) == 2 else 1.0
        classifiers = {name: one.classifier for name, one in chosen.items()}
        summary = {name: view.summary() for name, view in self.views.items()}
        for name, one in chosen.items():
            picked = {"C": one.strength, "class weights": one.class_weights, "UA on dev": one.dev_ua}
            summary[name] = {**summary.get(name, {}), **picked}
        return FittedClassical(self.views, self.fusion, classifiers, share, summary)

    def load(self, folder: Path) -> "FittedClassical":
        """What :meth:`FittedClassical.save` wrote, for a model of the same views.

        Raises
        ------
        ModelError
            If the file is missing, damaged or of another model.
        """
        stored = read_arrays(folder)
        groups = _groups(self.views, self.fusion)
        if (told := {name.split(".")[0] for name in stored if name.endswith(".weights")}) != set(groups):
            raise ModelError(
                f"{folder / FILE}: has classifiers of {', '.join(sorted(told))}, not of {', '.join(groups)}."
            )
        try:
            for name, view in self.views.items():
                prefix = f"view.{name}."
                view.restore({key[len(prefix) :]: one for key, one in stored.items() if key.startswith(prefix)})
            classifiers = {name: LinearClassifier(stored[f"{name}.weights"], stored[f"{name}.bias"]) for name in groups}
            return FittedClassical(self.views, self.fusion, classifiers, float(stored["share"]), {})
        except (ValueError, KeyError) as error:
            raise ModelError(f"{folder / FILE}: cannot be read ({error}).") from error


@dataclass(frozen=True)
class FittedClassical:
    """A classical model that has learned.

    Parameters
    ----------
    views
        Modality → how it becomes a row of numbers.
    fusion
        "late" or "early".
    classifiers
        Of each modality, or of "both" of them.
    share
        Of the first classifier's probabilities in the mean of two; 1 if there is one.
    choices
        What was learned and chosen, for the report.
    """

    views: Mapping[str, View]
    fusion: str
    classifiers: Mapping[str, LinearClassifier]
    share: float
    choices: Mapping[str, Mapping[str, Any]]

    def probabilities(self, part: Part) -> NDArray[np.float64]:
        """``[utterances, classes]``."""
        groups = _groups(self.views, self.fusion)
        told = [one.probabilities(_rows(groups[name], part)) for name, one in self.classifiers.items()]
        return _mixed(self.share, *told)

    def save(self, folder: Path) -> Path:
        """Write ``classical.npz``: arrays of numbers and texts, nothing that could be run."""
        arrays = {f"view.{name}.{key}": one for name, view in self.views.items() for key, one in view.state().items()}
        for name, classifier in self.classifiers.items():
            arrays |= {f"{name}.weights": classifier.weights, f"{name}.bias": classifier.bias}
        return write_arrays(folder, {"share": np.array(self.share), **arrays})

    def summary(self) -> dict[str, Any]:
        """The number of coefficients, and what was chosen; JSON types."""
        told: dict[str, Any] = {"parameters": sum(one.n_parameters for one in self.classifiers.values())}
        told |= {name: dict(choice) for name, choice in self.choices.items() if choice}
        if len(self.classifiers) == 2:
            told["share of audio"] = self.share
        return told


def _groups(views: Mapping[str, View], fusion: str) -> dict[str, list[View]]:
    """Classifier → the views that it sees."""
    if fusion == "early" and len(views) > 1:
        return {_EARLY: list(views.values())}
    return {name: [view] for name, view in views.items()}


def _rows(views: Sequence[View], part: Part) -> Any:
    rows = [view.rows(part) for view in views]
    return rows[0] if len(rows) == 1 else csr_matrix(hstack(rows))


def _mixed(share: float, *told: NDArray[np.float64]) -> NDArray[np.float64]:
    return told[0] if len(told) == 1 else share * told[0] + (1 - share) * told[1]


def _best_share(labels: NDArray[np.int64], *told: NDArray[np.float64]) -> float:
    """The share of the first with the highest UA; of equal ones the most even."""
    by_evenness = sorted(SHARES, key=lambda share: (abs(round(share - 0.5, 6)), share))
    return float(max(by_evenness, key=lambda share: ua(labels, _mixed(share, *told))))
