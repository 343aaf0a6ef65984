"""A word taken out of what a model reads, while the number of words stays."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatch

import numpy as np
import torch
from torch import Tensor

from mtser.alignment.word import Word
from mtser.audio.reading import SAMPLE_RATE
from mtser.corpora.utterance import Utterance
from mtser.encoders.audio import FrameEncoder
from mtser.encoders.tokens import Tokenizer
from mtser.features.contextual_words import ContextualWords
from mtser.features.extractor import Extractor
from mtser.features.input import Input
from mtser.features.live_inputs import Sound, WordTimes, WordTokens
from mtser.features.means import WordMeans
from mtser.features.utterance_input import UtteranceFeatures, UtteranceFrames
from mtser.features.waveform_source import WaveformSource
from mtser.features.word_frames import word_frame_spans
from mtser.features.word_input import WordFrames
from mtser.features.word_phones import PhoneFrames, WordPhones
from mtser.model import EmotionModel
from mtser.parallel import parallel_map
from mtser.ragged import Ragged


@dataclass(frozen=True)
class Scene:
    """An utterance of which words are taken out.

    Parameters
    ----------
    utterance
        With its words.
    source
        Of its features.
    recomputed
        Of features that have to be computed anew: what was, by what they are; models of one ensemble share it.
    """

    utterance: Utterance
    source: WaveformSource
    recomputed: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def frame_spans(self, extractor: object, n_frames: int) -> np.ndarray:
        """``[words, 2]``: which frames of the utterance each word has."""
        times = np.array([(word.start, word.end) for word in self.utterance.words])
        length, step = extractor.frame_length, extractor.frame_step  # type: ignore[attr-defined]
        return word_frame_spans(times, n_frames, length, step, max_frames=n_frames)[0]

    def silenced(self, extractor: Extractor) -> list[np.ndarray]:
        """The features of the audio with each word silent in turn."""
        key = json.dumps(extractor.settings(), sort_keys=True)
        if key not in self.recomputed:

            def without(word: Word) -> np.ndarray:
                samples = self.source.waveforms[self.utterance.id].copy()
                samples[round(word.start * SAMPLE_RATE) : round(word.end * SAMPLE_RATE)] = 0.0
                return extractor.extract(samples)

            self.recomputed[key] = list(parallel_map(without, self.utterance.words))
        return self.recomputed[key]

    def unsaid(self, input: ContextualWords) -> list[np.ndarray]:
        """The vectors of the words with each one left out of the text in turn; its own is zero."""
        key = json.dumps(input.extractor.settings(), sort_keys=True)
        if key not in self.recomputed:
            spelled = [word.word for word in self.utterance.words]
            texts = {str(n): [*spelled[:n], "", *spelled[n + 1 :]] for n in range(len(spelled))}
            found = self.source.like(texts).texts(input.extractor)
            vectors = [found[str(n)].copy() for n in range(len(spelled))]
            for n, rows in enumerate(vectors):
                rows[n] = 0.0
            self.recomputed[key] = vectors
        return self.recomputed[key]


@singledispatch
def without_word(input: Input, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged | None:
    """The data of an input with one word taken out; None for an input of which nobody knows how.

    ==================== =============================================================================================
    frames               those of the word (or the mean over them) become the mean of the training part (of the
                         recording, where frames are not normalised by that), which is zero behind the normalisation:
                         sound that says nothing
    functionals          they are computed anew, from the audio with zeros in the place of the word
    tokens, phones       each becomes ``<unk>``
    contextual vectors   they are computed anew, from the text without the word; the word's own vector is zero
    sound                it becomes silence (of an encoder that was trained on the sound itself)
    ==================== =============================================================================================

    The number of words, frames and tokens stays, so that what is told is the effect of what the word was, not of a
    shorter utterance. Register a function of your own for an input of your own
    (``@without_word.register(YourInput)``).

    Parameters
    ----------
    input
        Whose data.
    table
        Of the one utterance: a row a word, or one row.
    word
        Its number.
    scene
        The utterance.
    neutral
        ``[dim]``: the frame that says nothing; None for inputs that have no frames.

    Returns
    -------
    Ragged
        Of the same lengths.
    """
    return None


@without_word.register(WordFrames)
def _(input: WordFrames, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    begin = int(table.starts[word])
    return _filled(table, begin, begin + int(table.lengths[word]), neutral)


@without_word.register(WordMeans)
def _(input: WordMeans, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    return _filled(table, word, word + 1, neutral)


@without_word.register(UtteranceFrames)
def _(input: UtteranceFrames, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    n_frames = scene.source.features(input.extractor).n_frames([scene.utterance.id])[0]
    begin, end = scene.frame_spans(input.extractor, int(n_frames))[word]
    return _filled(table, int(begin), int(end), neutral)  # frames behind max_frames are not there


@without_word.register(UtteranceFeatures)
def _(input: UtteranceFeatures, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    return Ragged(torch.from_numpy(scene.silenced(input.extractor)[word]).to(table.values), table.lengths)


@without_word.register(ContextualWords)
def _(input: ContextualWords, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    return Ragged(torch.from_numpy(scene.unsaid(input)[word]).to(table.values), table.lengths)


@without_word.register(Sound)
def _(input: Sound, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    said = scene.utterance.words[word]
    return _filled(table, round(said.start * SAMPLE_RATE), round(said.end * SAMPLE_RATE), None)


@without_word.register(WordTimes)
def _(input: WordTimes, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    return table


@without_word.register(WordTokens)
def _(input: WordTokens, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    others = table.values[table.values[:, 1] != word]
    return Ragged(others, np.array([len(others)], dtype=np.int64))


@without_word.register(Tokenizer)
def _(input: Tokenizer, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    begin = int(table.starts[word])
    return _filled(table, begin, begin + int(table.lengths[word]), input.unknown)


@without_word.register(WordPhones)
def _(input: WordPhones, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    begin = int(table.starts[word])
    return _filled(table, begin, begin + int(table.lengths[word]), 0)


@without_word.register(PhoneFrames)
def _(input: PhoneFrames, table: Ragged, word: int, scene: Scene, neutral: Tensor | None) -> Ragged:
    return table  # how many frames each phone has; the frames themselves are another input


def neutral_frames(model: EmotionModel, tables: dict[Input, Ragged]) -> dict[Input, Tensor]:
    """For every input of frames the frame that says nothing: ``[dim]``."""
    found: dict[Input, Tensor] = {}
    for encoder in model.modules():
        if isinstance(encoder, FrameEncoder) and (input := encoder.features) in tables:
            found[input] = tables[input].values.mean(0) if input.normalise == "none" else encoder.mean
    return found


def _filled(table: Ragged, begin: int, end: int, value: Tensor | int | None) -> Ragged:
    values = table.values.clone()
    values[begin:end] = 0 if value is None else value
    return Ragged(values, table.lengths)


def can_be_taken_out(inputs: Sequence[Input]) -> bool:
    """Whether someone knows how to take a word out of every one of these."""
    unknown = without_word.dispatch(object)
    return bool(inputs) and all(without_word.dispatch(type(input)) is not unknown for input in inputs)
