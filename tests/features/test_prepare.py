"""What a model reads of a whole corpus, and which utterances are left out of it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.alignment.word import Word
from mtser.audio import SAMPLE_RATE, AudioIndex
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError
from mtser.features import (
    Extractor,
    FeatureStore,
    LogMel,
    OpenSmileFunctionals,
    OpenSmileMFCC,
    ProsodyContours,
    TorchMFCC,
    UtteranceFeatures,
    WordFrames,
)
from mtser.features.input import Input
from mtser.features.prepare import SHORTEST, prepare
from mtser.features.source import FeatureSource

EXTRACTORS = {"contours": ProsodyContours, "logmel": LogMel, "torch": TorchMFCC, "opensmile": OpenSmileMFCC}


def noise(n_samples: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, n_samples).astype(np.float32)


def prepared(folder: Path, seconds: dict[str, float], inputs: list[Input], rate: int = SAMPLE_RATE) -> Corpus:
    for id, length in seconds.items():
        soundfile.write(folder / f"{id}.wav", noise(round(length * rate)), rate)
    utterances = tuple(
        Utterance(id, f"{id}.wav", length, "A", "sad", "oh", (Word("oh", 0.0, length),))
        for id, length in seconds.items()
    )
    corpus = Corpus("short", folder, ("sad",), utterances)
    infos = AudioIndex(folder / "index.json").inspect(corpus.audio_paths(), progress=False)
    source = FeatureSource(corpus, FeatureStore(folder / "store"), infos, progress=False)
    return prepare(corpus, source, inputs)


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
def test_audio_that_some_system_could_not_read_is_left_out_of_all(rate: int, tmp_path: Path) -> None:
    """Or systems would be tested on different utterances, and stand in no common table."""
    systems: list[list[Input]] = [[], [WordFrames(TorchMFCC())], [UtteranceFeatures(OpenSmileFunctionals())]]
    for number, inputs in enumerate(systems):
        folder = tmp_path / str(number)
        folder.mkdir()
        corpus = prepared(folder, {"a": 0.059, "b": SHORTEST, "c": 1.0}, inputs, rate)
        assert [one.id for one in corpus.utterances] == ["b", "c"]
        detail = f"{folder / 'a.wav'}: 0.059 s; at least 0.060 s are needed"
        assert corpus.skipped == (Skipped("a", "too short audio", detail),)


def test_none_is_left(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no utterance is left that has features; left out: too short audio 2"):
        prepared(tmp_path, {"a": 0.03, "b": 0.05}, [])


@pytest.mark.parametrize("name", ["eGeMAPSv02", "ComParE_2016", "prosody", *EXTRACTORS])
def test_the_shortest_audio_is_long_enough_for_every_system(name: str) -> None:
    extractor: Extractor = EXTRACTORS[name]() if name in EXTRACTORS else OpenSmileFunctionals(name)
    assert len(extractor.extract(noise(round(SHORTEST * SAMPLE_RATE))))
