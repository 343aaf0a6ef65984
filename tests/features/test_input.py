"""Where what an input reads is computed."""

from pathlib import Path

import pytest

from mtser.features import ContextualWords, HuggingFaceWords, PretrainedSpeech, TorchMFCC, WordFrames, WordMeans
from mtser.features.input import compute_on
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
