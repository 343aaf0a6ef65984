"""What an utterance looks like to a linear classifier: a row of numbers of its audio, or of its words."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from mtser.checks import check_whole_number
from mtser.corpora.corpus import Corpus
from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError, ModelError, NotApplicableError
from mtser.features.contextual_words import ContextualWords
from mtser.features.input import Input
from mtser.features.means import UtteranceMeans
from mtser.features.normalise import mean_and_std
from mtser.features.utterance_input import UtteranceFeatures
from mtser.ragged import Ragged

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Part:
    """Some utterances of a fold.

    Parameters
    ----------
    utterances
        In any order.
    data
        For every input of the model a row an utterance.
    labels
        ``[utterances]``: class numbers; not looked at where classes are to be told.
    """

    utterances: Sequence[Utterance]
    data: Mapping[Input, Ragged] = field(default_factory=dict)
    labels: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))


class View(ABC):
    """One modality of an utterance as a row of numbers, learned from the training part.

    Rows have about unit length, so that views stand beside each other on equal terms.

    Attributes
    ----------
    inputs
        What it reads from the corpus besides the words.
    """

    inputs: tuple[Input, ...] = ()

    def check_corpus(self, corpus: Corpus) -> None:
        """Refuse a corpus that can never feed this view; the default takes every corpus.

        Raises
        ------
        NotApplicableError
            With what the corpus lacks.
        """
        return

    @abstractmethod
    def fit(self, train: Part) -> None:
        """Learn what rows are made with."""

    @abstractmethod
    def rows(self, part: Part) -> Any:
        """float64 ``[utterances, values]``, dense or ``csr_matrix``."""

    @abstractmethod
    def state(self) -> Arrays:
        """What :meth:`fit` learned, as arrays of numbers or texts."""

    @abstractmethod
    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what :meth:`state` gave."""

    def summary(self) -> dict[str, Any]:
        """What was learned, for the report; JSON types; default: nothing."""
        return {}


class ScaledFunctionals(View):
    """The functionals of an utterance's audio, each with mean 0 and variance 1 over the training part.

    They are divided by the square root of their number, so that a row has about unit length.

    Parameters
    ----------
    features
        The functionals; or the means of an utterance's frames; or vectors of words, whose mean over the utterance is
        taken. If they are normalised by speaker already, they are scaled all the same.

    Example
    -------
    >>> import torch
    >>> from mtser.features import OpenSmileFunctionals
    >>> features = UtteranceFeatures(OpenSmileFunctionals("eGeMAPSv02"))
    >>> view = ScaledFunctionals(features)
    >>> train = Part([None] * 9, {features: Ragged(torch.randn(9, 88), np.ones(9, np.int64))})
    >>> view.fit(train)
    >>> view.rows(train).shape, float((view.rows(train) ** 2).sum(1).mean())
    ((9, 88), 1.0)
    """

    def __init__(self, features: UtteranceFeatures | UtteranceMeans | ContextualWords) -> None:
        if not isinstance(features, UtteranceFeatures | UtteranceMeans | ContextualWords):
            raise ConfigError(
                f"{type(self).__name__} takes one vector an utterance (mtser.features.UtteranceFeatures), not "
                f"{type(features).__name__}; choose a block such as blocks/features/egemaps.yaml."
            )
        self.features = features
        self.inputs = (features,)
        self._mean, self._std = np.zeros(0), np.ones(0)

    def fit(self, train: Part) -> None:
        """Learn mean and standard deviation."""
        self._mean, self._std = mean_and_std(self._values(train))

    def rows(self, part: Part) -> NDArray[np.float64]:
        """Scale: ``[utterances, functionals]``."""
        values = self._values(part)
        if values.shape[1] != len(self._mean):
            raise ModelError(f"{len(self._mean)} functionals were learned from, but these are {values.shape[1]}.")
        return (values - self._mean) / (self._std * np.sqrt(len(self._mean)))

    def state(self) -> Arrays:
        """Mean and standard deviation."""
        return {"mean": self._mean, "std": self._std}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take mean and standard deviation."""
        self._mean, self._std = state["mean"], state["std"]

    def _values(self, part: Part) -> NDArray[np.float64]:
        values = part.data[self.features].values.cpu().numpy().astype(np.float64)
        if self.features.unit == "utterance":
            return values
        n_words = np.array([len(one.words) for one in part.utterances])
        return np.add.reduceat(values, np.cumsum(n_words) - n_words) / n_words[:, None]


class TfIdf(View):
    """How often an utterance says each word, rare words counting more: (1 + log tf) · idf, then to unit length.

    Vocabulary and idf, log((1 + n) / (1 + df)) + 1, are those of the training part; other words count nothing.

    Parameters
    ----------
    min_count
        Words that fewer utterances of the training part have are left out.

    Example
    -------
    >>> from mtser.alignment.word import Word
    >>> def said(*words):
    ...     return Utterance("u", "u.wav", 9.0, "1F", "sad", "", tuple(Word(w, i, i + 1) for i, w in enumerate(words)))
    >>> view = TfIdf()
    >>> view.fit(Part([said("OH", "NO"), said("oh", "yes")]))
    >>> view.rows(Part([said("no", "maybe"), said("Oh", "no")])).toarray()
    array([[1.  , 0.  , 0.  ],
           [0.81, 0.58, 0.  ]])
    """

    def __init__(self, min_count: int = 1) -> None:
        check_whole_number("min_count", min_count)
        self.min_count = min_count
        self._vectorizer = self._unfitted()

    def _unfitted(self, vocabulary: list[str] | None = None) -> TfidfVectorizer:
        return TfidfVectorizer(analyzer=_words, sublinear_tf=True, min_df=self.min_count, vocabulary=vocabulary)

    def check_corpus(self, corpus: Corpus) -> None:
        """Refuse a corpus without words."""
        if not any(map(_words, corpus.utterances)):
            raise NotApplicableError(f"the corpus {corpus.name} has no words for a classifier of its text.")

    def fit(self, train: Part) -> None:
        """Learn vocabulary and idf."""
        self._vectorizer = self._unfitted()
        try:
            self._vectorizer.fit(train.utterances)
        except ValueError as error:  # scikit-learn has two: no word at all, and none that is left
            raise ModelError(
                f"no word of the training part is said in at least {self.min_count} of its utterances; lower min_count."
            ) from error

    def rows(self, part: Part) -> csr_matrix:
        """Count and weigh: ``[utterances, words of the vocabulary]``."""
        return self._vectorizer.transform(part.utterances)

    def state(self) -> Arrays:
        """The words in their order, and their idf."""
        return {"words": self._vectorizer.get_feature_names_out().astype(str), "idf": self._vectorizer.idf_}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take words and idf."""
        self._vectorizer = self._unfitted(state["words"].tolist())
        self._vectorizer.idf_ = state["idf"]

    def summary(self) -> dict[str, Any]:
        """Size of the vocabulary."""
        return {"words in the vocabulary": len(self._vectorizer.vocabulary_)}


def _words(utterance: Utterance) -> list[str]:
    return [word.word.lower() for word in utterance.words]
