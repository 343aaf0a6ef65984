"""Whole utterances as inputs of a model: all of their frames, or one vector each."""

import json
from typing import Literal

import numpy as np
import torch

from mtser.checks import check_whole_number
from mtser.corpora.corpus import Skipped
from mtser.corpora.utterance import Utterance
from mtser.features.extracted_frames import ExtractedFrames
from mtser.features.extractor import FrameExtractor, UtteranceExtractor
from mtser.features.input import Input
from mtser.features.normalise import Normalisation, check_normalisation, normalised_by_owner, notes_on
from mtser.features.source import FeatureSource
from mtser.ragged import Ragged, spans


class UtteranceFrames(ExtractedFrames):
    """Frames, one row an utterance: pauses between words are part of it.

    Parameters
    ----------
    extractor
        Audio → frames.
    normalise
        As for :class:`~mtser.features.word_input.WordFrames`, over all frames of the utterances.
    max_frames
        A longer utterance is cut to its first ``max_frames`` frames, and counted; None for no limit.

    Example
    -------
    >>> from mtser.features import TorchMFCC
    >>> UtteranceFrames(TorchMFCC(frame_step=0.01), max_frames=750).unit
    'utterance'
    """

    unit: Literal["word", "utterance"] = "utterance"

    def __init__(
        self, extractor: FrameExtractor, normalise: Normalisation = "train", max_frames: int | None = None
    ) -> None:
        check_normalisation(normalise)
        if max_frames is not None:
            check_whole_number("max_frames", max_frames)
        self.extractor = extractor
        self.normalise = normalise
        self.notes = notes_on(normalise)
        self.max_frames = max_frames

    def key(self) -> str:
        """Extractor, normalisation and limit."""
        return json.dumps([type(self).__name__, self.extractor.settings(), self.normalise, self.max_frames])

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [frames, dimension]`` as they are stored, a row of ``lengths`` an utterance."""
        frames, n_frames = source.features(self.extractor).concatenated([one.id for one in utterances])
        kept = n_frames if self.max_frames is None else np.minimum(n_frames, self.max_frames)
        if (kept < n_frames).any():
            frames = frames[spans(np.cumsum(n_frames) - n_frames, kept)]
        self.cut = {"utterances longer than max_frames": int((kept < n_frames).sum())}
        values = normalised_by_owner(frames, self.normalise, utterances, kept)
        return Ragged(torch.from_numpy(values), kept)


class UtteranceFeatures(Input):
    """One vector an utterance: functionals of its audio.

    Parameters
    ----------
    extractor
        Audio → one vector.
    normalise
        As for :class:`~mtser.features.word_input.WordFrames`, over the vectors ("utterance" would leave nothing).

    Example
    -------
    >>> from mtser.features import OpenSmileFunctionals
    >>> UtteranceFeatures(OpenSmileFunctionals("eGeMAPSv02")).dimension
    88
    """

    unit: Literal["word", "utterance"] = "utterance"

    def __init__(self, extractor: UtteranceExtractor, normalise: Normalisation = "train") -> None:
        check_normalisation(normalise, ("train", "speaker", "none"))
        self.extractor = extractor
        self.normalise = normalise
        self.notes = notes_on(normalise)

    @property
    def dimension(self) -> int:
        """Width of a vector."""
        return self.extractor.dimension

    def key(self) -> str:
        """Extractor and normalisation."""
        return json.dumps([type(self).__name__, self.extractor.settings(), self.normalise])

    def prepare(self, source: FeatureSource) -> list[Skipped]:
        """Extract the features of the whole corpus."""
        return list(source.features(self.extractor).skipped())

    def load(self, utterances: list[Utterance], source: FeatureSource) -> Ragged:
        """``values [utterances, dimension]`` float32, one item a row."""
        vectors, n_rows = source.features(self.extractor).concatenated([one.id for one in utterances])
        return Ragged(torch.from_numpy(normalised_by_owner(vectors, self.normalise, utterances, n_rows)), n_rows)
