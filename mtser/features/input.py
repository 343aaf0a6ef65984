"""What a model reads from a corpus: the frames of its words, their tokens, ..."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mtser.corpora.corpus import Skipped
from mtser.corpora.utterance import Utterance
from mtser.ragged import Ragged

if TYPE_CHECKING:
    from mtser.features.source import FeatureSource


class Input(ABC):
    """One kind of data, one row a word. Encoders that are given the same object share its data.

    Attributes
    ----------
    cut
        What limits cut when the data were loaded, for the report; an input that gets the data of another with an equal
        key gets this, too.
    """

    cut: Mapping[str, int] = {}

    def key(self) -> str | None:
        """Equal keys promise equal data.

        None, the default, says that the data depend on what an encoder learns from the training part (a vocabulary):
        every fold loads them anew, after it has learned.
        """
        return None

    def prepare(self, source: "FeatureSource") -> list[Skipped]:
        """Compute what takes long, once for all folds; the default has nothing to do.

        Returns
        -------
        list of Skipped
            Utterances that cannot be used, and why.
        """
        return []

    @abstractmethod
    def load(self, utterances: list[Utterance], source: "FeatureSource") -> Ragged:
        """The data of ``utterances``: one row a word, in the order of utterances and words.

        Parameters
        ----------
        utterances
            Of one corpus, already cut to the model's number of words.
        source
            Gives stored features of their audio.
        """
