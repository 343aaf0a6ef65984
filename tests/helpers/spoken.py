"""Utterances of random words with noise for their sound."""

import numpy as np

from mtser.corpora.utterance import Utterance
from mtser.encoders import Batch, Encoder
from mtser.encoders.utterance_data import UtteranceData
from mtser.features.input import Input
from mtser.features.waveform_source import WaveformSource
from mtser.ragged import Ragged
from tests.helpers.synthetic import random_utterances

WORDS = ("oh", "no", "I", "don't", "know", "what", "you", "mean", "never", "mind", "late", "a", "day")


def spoken(n: int, seed: int = 0, longest: int = 5) -> tuple[list[Utterance], WaveformSource]:
    """Some utterances, and where their sound and words are."""
    utterances = []
    for one in random_utterances(n, seed, longest):
        spelled = [WORDS[int(word.word.removeprefix("word")) % len(WORDS)] for word in one.words]
        words = tuple(type(word)(text, word.start, word.end) for word, text in zip(one.words, spelled, strict=True))
        utterances.append(type(one)(**{**vars_of(one), "words": words, "text": " ".join(spelled)}))
    random = np.random.default_rng(seed)
    sound = {
        one.id: random.normal(0.02, 0.1, round((one.duration + 0.1) * 16000)).astype(np.float32) for one in utterances
    }
    return utterances, WaveformSource(sound, {one.id: [word.word for word in one.words] for one in utterances})


def vars_of(one: Utterance) -> dict[str, object]:
    """The fields of an utterance."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def fitted(encoder: Encoder, utterances: list[Utterance], source: WaveformSource) -> UtteranceData:
    """The data of an encoder that has learned from all utterances what precedes training."""
    data = UtteranceData(utterances, 128, "cpu")
    data.load(encoder.inputs, source)  # type: ignore[arg-type]
    encoder.fit(utterances, data.tables(np.arange(len(utterances))))
    return data


def single(batch: Batch) -> Batch:
    """The batch with stored half precision as float32."""
    data: dict[Input, Ragged] = {
        input: Ragged(one.values.float() if one.values.is_floating_point() else one.values, one.lengths)
        for input, one in batch.data.items()
    }
    return Batch(batch.n_words, data, batch.turns)
