"""One or more trained models that answer together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from mtser.corpora.utterance import Utterance
from mtser.devices import usable_device
from mtser.encoders.batch import Batch
from mtser.encoders.utterance_data import UtteranceData
from mtser.errors import ModelError
from mtser.features.batch_extractor import BatchExtractor
from mtser.features.extractor import Extractor
from mtser.features.input import Input, behind, compute_on
from mtser.features.means import UtteranceMeans, WordMeans
from mtser.features.source import FeatureSource
from mtser.features.text_extractor import TextExtractor
from mtser.features.utterance_input import UtteranceFeatures
from mtser.features.word_feature_file import WordFeatureFile
from mtser.inference.listener import Heard
from mtser.model import EmotionModel
from mtser.outputs import Outputs
from mtser.ragged import Ragged

_LARGEST_COPY = 100e6  # bytes of all weights


class Ensemble:
    """Models of the same classes; what they answer is the mean of their probabilities.

    Parameters
    ----------
    models
        Name (of the fold) → model, in evaluation mode.
    classes
        In the order of their logits.
    max_words
        What they read of an utterance.
    device
        Where they compute.

    Raises
    ------
    ModelError
        If they cannot judge new recordings.
    ConfigError
        If the device cannot be used.
    """

    def __init__(
        self,
        models: Mapping[str, EmotionModel],
        classes: Sequence[str],
        max_words: int,
        device: torch.device | str | None = None,
    ) -> None:
        self.device = usable_device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        for model in models.values():
            compute_on(model.inputs, self.device)
        self.models = {name: model.to(self.device).eval().requires_grad_(False) for name, model in models.items()}
        self.classes = tuple(classes)
        self.max_words = max_words
        for model in self.models.values():
            for input in model.inputs:
                _check(input)

    @property
    def extractors(self) -> tuple[Extractor, ...]:
        """What makes features of audio for the models."""
        every = [getattr(input, "extractor", None) for model in self.models.values() for input in model.inputs]
        return tuple({id(one): one for one in every if isinstance(one, Extractor)}.values())

    @property
    def may_be_copied(self) -> bool:
        """Whether processes may have one each: it is small, reads no pretrained encoder, and no GPU is shared."""
        read = [one for model in self.models.values() for input in model.inputs for one in behind(input)]
        size = sum(one.nbytes for model in self.models.values() for one in (*model.parameters(), *model.buffers()))
        return (
            self.device.type == "cpu"
            and size <= _LARGEST_COPY
            and not any(isinstance(one, BatchExtractor | TextExtractor) for one in read)
        )

    @property
    def normalises_words(self) -> bool:
        """Whether a model reads one vector a word, relative to those of all words of the recording."""
        every = [input for model in self.models.values() for input in model.inputs]
        return any(isinstance(one, WordMeans) and one.normalise == "speaker" for one in every)

    def utterance(self, heard: Heard, id: str) -> Utterance:
        """What the models see of a recording: its speaker is nobody they know, its emotion is not looked at."""
        words = tuple(word for word in heard.words[: self.max_words])
        return Utterance(id, "", heard.seconds, id, self.classes[0], heard.text, words, language=heard.language or "en")

    def batches(self, utterances: Sequence[Utterance], source: FeatureSource) -> list[tuple[EmotionModel, Batch]]:
        """Each model with its batch of the utterances, in their order."""
        rows = np.arange(len(utterances))
        found = []
        data: dict[int, UtteranceData] = {}
        for model in self.models.values():
            n = model.n_preceding
            if n not in data:  # an utterance without a dialog is the only turn of its own
                alone = Ragged(torch.from_numpy(rows), np.ones(len(rows), np.int64)) if n else None
                data[n] = UtteranceData(utterances, self.max_words, self.device, alone)
            data[n].forget()
            data[n].load(model.inputs, source)
            found.append((model, data[n].inputs(rows)))
        return found

    @torch.inference_mode()
    def probabilities(self, batches: Sequence[tuple[EmotionModel, Batch]]) -> np.ndarray:
        """The mean over the models: float64 ``[utterances, classes]``."""
        return np.mean([probabilities(model, batch) for model, batch in batches], axis=0)


def _check(input: Input) -> None:
    if isinstance(input, WordFeatureFile):
        raise ModelError(
            f"the model reads features of words from the file {input.file}, which has none of new recordings; it can "
            "be judged on a corpus alone that the file is about."
        )
    if isinstance(input, UtteranceFeatures | UtteranceMeans) and input.normalise == "speaker":
        raise ModelError(
            "the model reads one vector a recording relative to the mean of all recordings of a speaker, and a new "
            "recording alone has no such mean; train it with normalise: train to judge new recordings."
        )


def probabilities(model: EmotionModel, batch: Batch) -> np.ndarray:
    """Of one model: float64 ``[utterances, classes]``.

    Raises
    ------
    ModelError
        If it tells no classes.
    """
    with _few_threads(batch):
        logits = Outputs.of(model(batch)).logits
    if logits is None:
        raise ModelError(
            "the model tells valence, activation and dominance alone; its classes come from late stacking, which a run "
            "does not keep, so it cannot judge new recordings."
        )
    return torch.softmax(logits.double(), dim=1).cpu().numpy()


_SMALL = 50_000  # rows of all inputs: what one core computes in some tenths of a second


@contextmanager
def _few_threads(batch: Batch) -> Iterator[None]:
    """One thread for a small batch on the CPU: hundreds of tiny operations, each of which would wait for the others."""
    tables = list(batch.data.values())
    small = sum(len(table.values) for table in tables) < _SMALL and all(table.values.is_cpu for table in tables)
    threads = torch.get_num_threads()
    if not small or threads == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
