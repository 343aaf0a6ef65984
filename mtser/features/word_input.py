"""The frames of every word, as an input of a model."""

import json

import numpy as np
import torch

from mtser.checks import check_whole_number
from mtser.corpora.utterance import Utterance
from mtser.features.extracted_frames import ExtractedFrames
from mtser.features.extractor import FrameExtractor
from mtser.features.normalise import Normalisation, check_normalisation, normalised_by_owner, notes_on
from mtser.features.source import FeatureSource
from mtser.features.stored import StoredFeatures
from mtser.features.word_frames import times_of, word_frame_spans
from mtser.ragged import Ragged, spans


class WordFrames(ExtractedFrames):
    """Frames, one row a word.

    Parameters
    ----------
    extractor
        Audio → frames.
    normalise
        Mean and variance normalisation over the frames of the words: with the statistics of the fold's training part
        ("train": the encoder learns and applies them), of each speaker's or each utterance's own frames ("speaker",
        "utterance": no labels are used, but "speaker" looks at all of a speaker's utterances, test ones too), or
        "none".
    max_frames
        A longer word is cut to its first ``max_frames`` frames, and counted (section 4.2: 64).

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> WordFrames(TorchMFCC()).dimension
    39
    """

    def __init__(self, extractor: FrameExtractor, normalise: Normalisation = "train", max_frames: int = 64) -> None:
        check_normalisation(normalise)
        check_whole_number("max_frames", max_frames)
        self.extractor = extractor
        self.normalise = normalise
        self.notes = notes_on(normalise)
        self.max_frames = max_frames

    def key(self) -> str:
        """Extractor, normalisation and limit."""
        return json.dumps([self.extractor.settings(), self.normalise, self.max_frames], sort_keys=True)

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [frames, dimension]`` as they are stored, a row of ``lengths`` a word."""
        stored = source.features(self.extractor)
        found, cut = self.spans(utterances, stored)
        lengths = found[:, 1] - found[:, 0]
        values = np.empty((lengths.sum(), self.dimension), stored.precision)
        of_utterance = np.zeros(len(utterances), np.int64)
        word = frame = 0
        for row, one in enumerate(utterances):  # each from the store to its place: nothing is in memory twice
            here = slice(word, word + len(one.words))
            of_utterance[row] = lengths[here].sum()
            numbers = spans(found[here, 0], lengths[here])
            values[frame : frame + len(numbers)] = stored[one.id][numbers]
            word, frame = here.stop, frame + len(numbers)
        values = normalised_by_owner(values, self.normalise, utterances, of_utterance)
        self.cut = {"words longer than max_frames": int((cut > 0).sum()), "frames behind max_frames": int(cut.sum())}
        return Ragged(torch.from_numpy(values), lengths)

    def spans(self, utterances: list[Utterance], stored: StoredFeatures) -> tuple[np.ndarray, np.ndarray]:
        """Which frames of its utterance each word has, and how many were cut: see :func:`word_frame_spans`."""
        n_frames = np.repeat(stored.n_frames([one.id for one in utterances]), [len(one.words) for one in utterances])
        step = stored.frame_step
        return word_frame_spans(times_of(utterances), n_frames, stored.frame_length, step, self.max_frames)

    def of_frames(self, frames: Ragged, n_words: np.ndarray, times: np.ndarray) -> Ragged:
        """What :meth:`load` makes of the frames of utterances."""
        length, step = self.extractor.frame_length, self.extractor.frame_step
        found, _ = word_frame_spans(times, np.repeat(frames.lengths, n_words), length, step, self.max_frames)
        lengths = found[:, 1] - found[:, 0]
        numbers = spans(np.repeat(frames.starts, n_words) + found[:, 0], lengths)
        return Ragged(frames.values[torch.from_numpy(numbers).to(frames.values.device)], lengths)
