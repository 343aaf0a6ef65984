"""The mean over the frames of each word, or of each utterance, as inputs of a model."""

import json
from typing import Literal

import numpy as np
import torch

from mtser.corpora.utterance import Utterance
from mtser.features.extracted_frames import ExtractedFrames
from mtser.features.extractor import FrameExtractor
from mtser.features.normalise import Normalisation, check_normalisation, normalised_by_owner, notes_on
from mtser.features.source import FeatureSource
from mtser.features.word_frames import times_of, word_frame_spans
from mtser.ragged import Ragged, spans


class FrameMeans(ExtractedFrames):
    """What the means over words and over utterances share.

    Parameters
    ----------
    extractor
        Audio → frames.
    normalise
        As for :class:`~mtser.features.word_input.WordFrames`, over the means; by "train", "speaker" or "none".
    """

    def __init__(self, extractor: FrameExtractor, normalise: Normalisation = "train") -> None:
        check_normalisation(normalise, ("train", "speaker", "none"))
        self.extractor = extractor
        self.normalise = normalise
        self.notes = notes_on(normalise)

    def key(self) -> str:
        """Extractor and normalisation."""
        return json.dumps([type(self).__name__, self.extractor.settings(), self.normalise], sort_keys=True)


def _single(frames: np.ndarray) -> np.ndarray:
    """Frames in single precision; of half precision by torch, which converts five times as fast as numpy adds them."""
    return torch.from_numpy(frames.copy()).float().numpy() if frames.dtype == np.float16 else frames


class WordMeans(FrameMeans):
    """The mean over each word's frames: one vector a word.

    A mean over frames and a sum over layers can change places: with all layers of a pretrained encoder, the learned
    sum behind this input (:class:`~mtser.encoders.layer_sum.LayerSum`) is that over frames, and a corpus takes a small
    part of the memory that its frames would take.

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> WordMeans(TorchMFCC()).unit
    'word'
    """

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [words, dimension]`` in the precision in which frames are kept, one item a row."""
        stored = source.features(self.extractor)
        n_words = np.array([len(one.words) for one in utterances], dtype=np.int64)
        n_frames = stored.n_frames([one.id for one in utterances])
        found = self._spans(n_frames, n_words, times_of(utterances))
        means = np.empty((len(found), self.dimension), stored.precision)
        last = np.cumsum(n_words)
        for one, begin, end in zip(utterances, last - n_words, last, strict=True):
            frames = _single(stored[one.id])
            for word in range(begin, end):
                means[word] = frames[found[word, 0] : found[word, 1]].mean(0, dtype=np.float32)
        values = normalised_by_owner(means, self.normalise, utterances, n_words)
        return Ragged(torch.from_numpy(values), np.ones(len(values), np.int64))

    def of_frames(self, frames: Ragged, n_words: np.ndarray, times: np.ndarray) -> Ragged:
        """What :meth:`load` makes of the frames of utterances."""
        found = self._spans(frames.lengths, n_words, times)
        lengths = found[:, 1] - found[:, 0]
        numbers = spans(np.repeat(frames.starts, n_words) + found[:, 0], lengths)
        of_words = frames.values[torch.from_numpy(numbers).to(frames.values.device)]
        return Ragged(Ragged(of_words, lengths).mean_of_rows(), np.ones(len(lengths), np.int64))

    def _spans(self, n_frames: np.ndarray, n_words: np.ndarray, times: np.ndarray) -> np.ndarray:
        """``[words, 2]``: all frames of each word."""
        length, step = self.extractor.frame_length, self.extractor.frame_step
        return word_frame_spans(times, np.repeat(n_frames, n_words), length, step, int(n_frames.max(initial=1)))[0]


class UtteranceMeans(FrameMeans):
    """The mean over all frames of an utterance, pauses included: one vector an utterance.

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> UtteranceMeans(TorchMFCC()).unit
    'utterance'
    """

    unit: Literal["word", "utterance"] = "utterance"

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [utterances, dimension]`` float32, one item a row."""
        stored = source.features(self.extractor)
        means = np.empty((len(utterances), self.dimension), np.float32)
        for row, one in enumerate(utterances):
            means[row] = _single(stored[one.id]).mean(0, dtype=np.float32)
        ones = np.ones(len(utterances), np.int64)
        return Ragged(torch.from_numpy(normalised_by_owner(means, self.normalise, utterances, ones)), ones)

    def of_frames(self, frames: Ragged, n_words: np.ndarray, times: np.ndarray) -> Ragged:
        """What :meth:`load` makes of the frames of utterances."""
        return Ragged(frames.mean_of_rows(), np.ones(len(frames), np.int64))
