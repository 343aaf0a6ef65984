"""Late stacking: what several branches predict → one prediction, learned on the dev part alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVR

from mtser.checks import check_number
from mtser.corpora.utterance import ATTRIBUTES
from mtser.errors import ConfigError, ModelError
from mtser.outputs import Outputs

Floats = NDArray[np.float64]


class LateStacking:
    """A support vector regression an attribute over the branches' predictions of it; classes from all of them.

    Source: Atmaja and Akagi, "Multitask learning and multistage fusion for dimensional audiovisual emotion
    recognition", ICASSP 2020. Kernel, C, gamma and epsilon are those of the authors' published implementation for audio
    and text ("two-stage-ser"), for numbers from -1 to 1; here twice the standard deviation on dev takes that place.

    The branches have seen the training part, so what they predict there is better than what they can do: only dev
    tells how far each is to be trusted. Dev has chosen the epoch, too; the test part is read by neither.

    Parameters
    ----------
    kernel
        "rbf" or "linear".
    C, gamma, epsilon
        Of the support vector regression (``sklearn.svm.SVR``).

    Notes
    -----
    Where the model tells no classes, multinomial logistic regression tells them from all branches' attributes; a class
    that dev does not have gets the probability 0. Ours: the original tells no classes. An attribute of which dev has no
    two different ratings becomes the mean of the branches.

    Example
    -------
    >>> import torch
    >>> rated = torch.tensor([[1.0, 4, 2], [2, 3, 2], [3, 2, 4], [4, 1, 4]])
    >>> dev = Outputs(branches={"audio": rated + 1.0, "text": rated.flip(0)})
    >>> stack = LateStacking().fit(dev, rated.numpy(), np.array([0, 0, 1, 1]), n_classes=2)
    >>> stack.attributes(dev).round(1).tolist()[0], stack.probabilities(dev).argmax(1).tolist()
    ([1.0, 4.0, 2.0], [0, 0, 1, 1])
    """

    def __init__(self, *, kernel: str = "rbf", C: float = 200.0, gamma: float = 0.1, epsilon: float = 0.01) -> None:
        if kernel not in ("rbf", "linear"):
            raise ConfigError(f"kernel of the late stacking is {kernel!r}; it can be rbf or linear.")
        for name, value in (("C", C), ("gamma", gamma), ("epsilon", epsilon)):
            check_number(f"{name} of the late stacking", value)
        if not C or not gamma:
            raise ConfigError("C and gamma of the late stacking have to be greater than 0.")
        self.options = {"kernel": kernel, "C": C, "gamma": gamma, "epsilon": epsilon}

    def fit(self, dev: Outputs, attributes: Floats, labels: NDArray[np.int64], n_classes: int) -> "Stack":
        """Learn from the dev part.

        Parameters
        ----------
        dev
            What the model predicts there.
        attributes
            ``[utterances, 3]``: the ratings, NaN where there is none.
        labels
            ``[utterances]``: class numbers.
        n_classes
            How many classes there are.

        Raises
        ------
        ModelError
            If the model tells no attributes.
        """
        branches = predictions_of(dev)
        regressions = [
            _Regression(branches[:, :, number], attributes[:, number], self.options)
            for number in range(len(ATTRIBUTES))
        ]
        return Stack(regressions, _Classes(branches.reshape(len(branches), -1), labels, n_classes))


@dataclass(frozen=True)
class Stack:
    """What :class:`LateStacking` has learned on one dev part."""

    _regressions: "Sequence[_Regression]"
    _classes: "_Classes"

    def attributes(self, outputs: Outputs) -> Floats:
        """``[utterances, 3]``: the attributes, from what the branches predict."""
        branches = predictions_of(outputs)
        return np.stack([one(branches[:, :, number]) for number, one in enumerate(self._regressions)], axis=1)

    def probabilities(self, outputs: Outputs) -> Floats:
        """``[utterances, classes]``, from all that the branches predict."""
        branches = predictions_of(outputs)
        return self._classes(branches.reshape(len(branches), -1))


def predictions_of(outputs: Outputs) -> Floats:
    """``[utterances, branches, 3]``: what is stacked. A model without branches is its only branch.

    Raises
    ------
    ModelError
        If the model tells no attributes.
    """
    told = list(outputs.branches.values()) or ([] if outputs.attributes is None else [outputs.attributes])
    if not told:
        raise ModelError(
            "late stacking works on predictions of valence, activation and dominance, but the model tells none; give "
            "--stacking none, or mtser.classifiers.MultitaskHead as the model's classifier."
        )
    return np.stack([one.double().cpu().numpy() for one in told], axis=1)


class _Scale:
    """Each column about its mean, in units of twice its standard deviation: most numbers from -1 to 1."""

    def __init__(self, values: Floats) -> None:
        std = values.std(0)
        self.mean = values.mean(0)
        self.unit = 2 * np.where(std > 0, std, 1.0)

    def __call__(self, values: Floats) -> Floats:
        return (values - self.mean) / self.unit

    def back(self, values: Floats) -> Floats:
        """From these units to the former ones."""
        return values * self.unit + self.mean


class _Regression:
    """One attribute from the branches' predictions of it."""

    def __init__(self, predictions: Floats, ratings: Floats, options: Mapping[str, Any]) -> None:
        rated = ~np.isnan(ratings)
        self.machine: SVR | None = None
        if len(set(ratings[rated].tolist())) > 1:
            self.inputs, self.output = _Scale(predictions[rated]), _Scale(ratings[rated, None])
            self.machine = SVR(**options)
            self.machine.fit(self.inputs(predictions[rated]), self.output(ratings[rated, None]).ravel())

    def __call__(self, predictions: Floats) -> Floats:
        if self.machine is None:
            return predictions.mean(1)
        return self.output.back(self.machine.predict(self.inputs(predictions))[:, None]).ravel()


class _Classes:
    """The classes from all predictions."""

    def __init__(self, predictions: Floats, labels: NDArray[np.int64], n_classes: int) -> None:
        self.n_classes = n_classes
        self.scale, self.present = _Scale(predictions), np.unique(labels)
        self.machine: LogisticRegression | None = None
        if len(self.present) > 1:
            self.machine = LogisticRegression(max_iter=1000).fit(self.scale(predictions), labels)

    def __call__(self, predictions: Floats) -> Floats:
        probabilities = np.zeros((len(predictions), self.n_classes))
        told = 1.0 if self.machine is None else self.machine.predict_proba(self.scale(predictions))
        probabilities[:, self.present] = told
        return probabilities
