"""What encoders read that are trained: sound, times and tokens."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mtser.corpora.corpus import Corpus
from mtser.errors import FeatureError
from mtser.features import ContextualWords, HuggingFaceWords, PretrainedSpeech
from mtser.features.live_inputs import Sound, WordTimes, WordTokens
from mtser.features.source import FeatureSource
from mtser.features.store import FeatureStore
from mtser.features.waveform_source import WaveformSource
from tests.features.language_models import write_bert
from tests.features.speech_models import write_waves
from tests.helpers.spoken import spoken
from tests.helpers.synthetic import said

pytest.importorskip("transformers", reason="needs the extra pretrained")
UTTERANCES, SOURCE = spoken(3)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> PretrainedSpeech:
    return PretrainedSpeech(str(write_waves(tmp_path_factory.mktemp("wavlm"), "wavlm")))


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> HuggingFaceWords:
    return HuggingFaceWords(str(write_bert(tmp_path_factory.mktemp("bert"))))


def test_sound(speech: PretrainedSpeech) -> None:
    rows = Sound(speech).load(UTTERANCES, SOURCE)
    for row, one in enumerate(UTTERANCES):
        np.testing.assert_array_equal(rows.select(np.array([row])).values, SOURCE.waveforms[one.id])
    assert Sound(speech).unit == "utterance" and Sound(speech).key() == Sound(speech).key()


def test_what_is_too_short_is_left_out(speech: PretrainedSpeech) -> None:
    short = WaveformSource({"u": np.ones(300, np.float32)}, {"u": ["oh"]})
    (skipped,) = Sound(speech).prepare(short)
    assert (skipped.utterance, skipped.reason) == ("u", "shorter than a frame")
    with pytest.raises(FeatureError, match="shorter than a frame"):
        Sound(speech).load([said("oh")], short)


def test_times() -> None:
    rows = WordTimes().load([said("oh no"), said("day")], SOURCE)
    np.testing.assert_allclose(rows.values, [[0, 0.2], [0.2, 0.4], [0, 0.2]])
    assert rows.lengths.tolist() == [1, 1, 1]


def test_tokens_and_their_words(bert: HuggingFaceWords) -> None:
    language, _ = bert.to_be_trained()
    source = WaveformSource({}, {"a": ["oh", "know", "day"], "b": ["what"]})
    utterances = [said("oh know day", id="a"), said("what", id="b")]
    rows = WordTokens(ContextualWords(bert), bert, language).load(utterances, source)
    assert rows.lengths.tolist() == [5, 1]  # "day" is spelled
    assert rows.values[:, 1].tolist() == [0, 1, 2, 2, 2, 0]
    assert language.tokenizer.decode(rows.values[:2, 0]).split() == ["oh", "know"]


def test_turns_before_are_read_and_belong_to_no_word(bert: HuggingFaceWords, tmp_path: Path) -> None:
    language, _ = bert.to_be_trained()
    before = said("oh know", id="a", dialog="d", start=0.0)
    after = said("what day", id="b", dialog="d", start=1.0)
    corpus = Corpus("tiny", tmp_path, ("sad",), (before, after))
    source = FeatureSource(corpus, FeatureStore(tmp_path), progress=False)
    tokens = WordTokens(ContextualWords(bert, n_preceding=1), bert, language)
    rows = tokens.load([before, after], source)
    assert tokens.n_preceding == 1 and rows.lengths.tolist() == [2, 6]
    assert rows.values[2:, 1].tolist() == [-1, -1, 0, 1, 1, 1]
    assert not tokens.prepare(source)
    silent = replace(after, words=())
    source = FeatureSource(replace(corpus, utterances=(before, silent)), FeatureStore(tmp_path), progress=False)
    assert [(one.utterance, one.reason) for one in tokens.prepare(source)] == [("b", "no words")]
