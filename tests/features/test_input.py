"""Where what an input reads is computed, and which pretrained models stand behind it."""

from pathlib import Path

import pytest

from mtser.features import (
    ContextualWords,
    FrameStatistics,
    HuggingFaceWords,
    PretrainedSpeech,
    TorchMFCC,
    UtteranceFeatures,
    WordFrames,
    WordMeans,
)
from mtser.features.input import compute_on, notes_of
from mtser.features.live_inputs import Sound
from tests.features.language_models import write_bert
from tests.features.speech_models import write_waves

pytest.importorskip("transformers", reason="needs the extra pretrained")


def test_pretrained_extractors_compute_where_the_model_is(tmp_path: Path) -> None:
    bert, hubert = write_bert(tmp_path / "bert"), write_waves(tmp_path / "hubert", "hubert")
    words, mfcc = HuggingFaceWords(str(bert)), TorchMFCC()
    speech, elsewhere = PretrainedSpeech(str(hubert)), PretrainedSpeech(str(hubert), device="cpu")
    inputs = [ContextualWords(words), WordMeans(speech), WordMeans(elsewhere), WordFrames(mfcc)]
    before = mfcc.device
    compute_on(inputs, "cuda:1")
    assert (words.device, speech.device, elsewhere.device) == ("cuda:1", "cuda:1", "cpu")
    assert mfcc.device == before


def test_each_pretrained_model_is_named_however_deep_it_lies(tmp_path: Path) -> None:
    """Even of two encoders that are trained: their sound is loaded once."""
    bert, hubert = write_bert(tmp_path / "bert"), write_waves(tmp_path / "hubert", "hubert")
    wavlm = PretrainedSpeech(str(write_waves(tmp_path / "wavlm", "wavlm")))
    speech, words = PretrainedSpeech(str(hubert)), ContextualWords(HuggingFaceWords(str(bert)))
    statistics = UtteranceFeatures(FrameStatistics(speech), normalise="speaker")
    inputs = [words, statistics, WordMeans(speech), WordFrames(TorchMFCC()), Sound(speech), Sound(wavlm)]
    assert inputs[4].key() == inputs[5].key()
    told = notes_of(inputs)
    assert len(told["notes"]) == 1 and told["notes"][0].startswith("Sound is normalised by speaker")
    assert told["pretrained"] == [
        "Words are read by the pretrained model bert.",
        "Sound is heard by the pretrained model hubert.",
        "Sound is heard by the pretrained model wavlm.",
    ]
