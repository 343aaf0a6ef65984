from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.alignment.word import Word
from mtser.errors import ModelError
from mtser.features import TorchMFCC, UtteranceMeans
from mtser.inference import EmotionRecognizer, Recognition, Recording
from mtser.inference.ensemble import _check
from mtser.inference.occlusion import without_word
from mtser.ragged import Ragged
from tests.inference.conftest import Train, recordings_of

pytestmark = pytest.mark.filterwarnings("ignore:.*folds are finished.*")
ID = "Ses03F_impro01_F000"


def recognised(recognizer: EmotionRecognizer, recording: Recording, explain: bool = True) -> Recognition:
    return recognizer.recognize(recording.audio, words=recording.words, explain=explain)


def test_text_occlusion_is_the_difference_to_an_unknown_word(full_run: Path, tiny: Path) -> None:
    recognizer = EmotionRecognizer.from_run(full_run)
    recording = recordings_of(full_run, tiny, [ID])[0]
    told = recognised(recognizer, recording)
    for number, evidence in enumerate(told.words):
        words = list(recording.words or ())
        words[number] = Word("zzqx", words[number].start, words[number].end)
        without = recognizer.recognize(recording.audio, words=words, explain=False)
        expected = told.probability - without.probabilities[told.emotion]
        assert evidence.occlusion["text"] == pytest.approx(expected, abs=1e-6)
    assert max(abs(one.occlusion["text"]) for one in told.words) > 1e-5


def test_audio_occlusion_is_the_difference_to_frames_of_the_training_mean(full_run: Path, tiny: Path) -> None:
    recognizer = EmotionRecognizer.from_run(full_run, fold="session_1")
    recording = recordings_of(full_run, tiny, [ID])[0]
    told = recognised(recognizer, recording)
    prepared = recognizer.prepare(recording)
    heard, source = prepared.heard, prepared.source
    utterance = recognizer.ensemble.utterance(heard, source.ids[0])
    ((model, batch),) = recognizer.ensemble.batches([utterance], source)
    frames = model.encoders["audio"].features
    for number, evidence in enumerate(told.words):
        rows = batch[frames]
        values = rows.values.clone()
        begin = int(rows.lengths[:number].sum())
        values[begin : begin + int(rows.lengths[number])] = model.encoders["audio"].mean
        changed = type(batch)(batch.n_words, {**batch.data, frames: Ragged(values, rows.lengths)})
        with torch.inference_mode():
            without = torch.softmax(model(changed).double(), 1)[0, recognizer.classes.index(told.emotion)].item()
        assert evidence.occlusion["audio"] == pytest.approx(told.probability - without, abs=1e-6)
    assert max(abs(one.occlusion["audio"]) for one in told.words) > 1e-5


def test_explaining_changes_no_probability_and_shares_sum_to_1(full_run: Path, tiny: Path) -> None:
    recognizer = EmotionRecognizer.from_run(full_run)
    recording = recordings_of(full_run, tiny, [ID])[0]
    told, plain = recognised(recognizer, recording), recognised(recognizer, recording, explain=False)
    assert told.probabilities == pytest.approx(plain.probabilities, abs=1e-6)
    for name in ("audio", "text"):
        assert sum(one.attention[name] for one in told.words) == pytest.approx(1)
    assert set(told.between_words) == {"text to text", "audio to audio", "text to audio", "audio to text"}
    for matrix in told.between_words.values():
        assert matrix.shape == (len(told.words),) * 2
        np.testing.assert_allclose(matrix.sum(1), 1)
    assert plain.between_words == {} and plain.words[0].attention == {}


SYSTEMS = {
    "mha2": ({"audio", "text"}, {"audio", "text"}),
    "lstm_attn": ({"audio", "text"}, {"audio", "text"}),
    "wise": (set(), {"audio", "text"}),
    "phoneme_spectrogram": (set(), {"audio", "text"}),
    "mcaf": ({"audio", "text"}, {"audio", "text"}),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_kind_of_system_explains_itself(train: Train, tiny: Path, system: str) -> None:
    attention, occlusion = SYSTEMS[system]
    run = train(system)
    recognizer = EmotionRecognizer.from_run(run)
    told = recognised(recognizer, recordings_of(run, tiny, [ID])[0])
    assert set(told.words[0].attention) == attention
    assert set(told.words[0].occlusion) == occlusion
    assert all(np.isfinite(list(one.occlusion.values())).all() for one in told.words)
    for name in attention:
        assert sum(one.attention[name] for one in told.words) == pytest.approx(1)
    assert sum(told.probabilities.values()) == pytest.approx(1)


def test_an_input_of_which_nobody_knows_how_gives_none() -> None:
    table = Ragged(torch.ones(2, 1), np.ones(2, np.int64))
    assert without_word(object(), table, 0, None, None) is None  # type: ignore[arg-type]


def test_means_of_words_are_taken_out_and_a_single_one_says_nothing(train: Train, tiny: Path, tmp_path: Path) -> None:
    block = tmp_path / "means.yaml"
    block.write_text("!new:mtser.features.WordMeans\nextractor: !new:mtser.features.TorchMFCC {}\nnormalise: speaker\n")
    run = train("mt_mi", "--audio_encoder.features", str(block))
    recognizer = EmotionRecognizer.from_run(run)
    recording = recordings_of(run, tiny, [ID])[0]
    told = recognised(recognizer, recording)
    assert set(told.words[0].occlusion) == {"audio", "text"}
    assert max(abs(one.occlusion["audio"]) for one in told.words) > 1e-6
    assert not told.warnings and len(told.words) > 1
    single = recognizer.recognize(recording.audio, words=list(recording.words or ())[:1])
    assert single.warnings == ("The model hears words relative to the mean of all; of a single word it hears nothing.",)


def test_one_mean_of_a_recording_relative_to_its_speaker_is_refused() -> None:
    with pytest.raises(ModelError, match="one vector a recording relative to the mean of all recordings of a speaker"):
        _check(UtteranceMeans(TorchMFCC(), normalise="speaker"))
