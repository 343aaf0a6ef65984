from pathlib import PurePath

import numpy as np
import pytest

from mtser.errors import MtserError
from mtser.inference import FailedRecording, Recording
from mtser.prediction.failure import Failure
from mtser.prediction.prediction import Prediction
from mtser.prediction.predictor import Predictor
from mtser.prediction.sources import Source
from tests.prediction.fakes import SAID, FakeRecognizer, loud_parts
from tests.prediction.sounds import talk, tone, write


@pytest.fixture
def recognizer():
    return FakeRecognizer()


def predictor(recognizer, **options):
    return Predictor(recognizer, **{"find_speech": loud_parts, **options})


def source(path, text=None):
    return Source(str(path), path, PurePath(path.name), text)


def test_a_short_recording_is_judged_as_a_whole(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", tone(3))
    (found,) = predictor(recognizer, language="de").predict([source(file, "oh nein")])
    assert (found.name, found.duration, found.was_cut, len(found.turns)) == (str(file), 3.0, False, 1)
    (given,) = recognizer.given
    assert (given.audio, given.text, given.language, given.rate) == (file, "oh nein", "de", None)


def test_a_long_recording_is_judged_turn_by_turn(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", talk([5, 2, 6, 1, 4, 7], rate=8000), 8000)
    (found,) = predictor(recognizer).predict([source(file)])
    assert found.was_cut and found.duration == 25.0 and found.name == str(file)
    assert [(turn.start, turn.end) for turn in found.turns] == [
        (pytest.approx(a, abs=0.15), pytest.approx(b, abs=0.15)) for a, b in ((0, 5.2), (6.8, 13.2), (13.8, 18.2))
    ]
    for turn in found.turns:
        assert turn.name == str(file) and len(turn.words) == len(SAID)
        assert all(turn.start - 1e-6 <= one.word.start < one.word.end <= turn.end + 1e-6 for one in turn.words)
    assert all(given.rate == 16000 for given in recognizer.given)
    # the mean, each turn as long as it lasts
    seconds = [turn.end - turn.start for turn in found.turns]
    angry = [turn.probabilities["angry"] for turn in found.turns]
    assert found.probabilities["angry"] == pytest.approx(np.average(angry, weights=seconds))
    assert sum(found.probabilities.values()) == pytest.approx(1.0)


def test_the_window_decides_what_is_long(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", talk([5, 1, 4]))
    turns = [len(next(predictor(recognizer, longest=longest).predict([source(file)])).turns) for longest in (6, 20, 0)]
    assert turns == [2, 1, 1]


def test_of_a_recording_without_a_stated_length_nothing_is_lost(tmp_path, recognizer, monkeypatch):
    """As browsers record it; pieces of it are read until it is known to be short or long."""
    monkeypatch.setattr("mtser.prediction.predictor.audio_duration", lambda audio, name: 0.0)
    file = write(tmp_path / "a.wav", talk([40, 1, 40, 1, 18]))
    for longest in (60, 90, 100, 150):
        (found,) = predictor(recognizer, longest=longest).predict([source(file)])
        assert found.turns[-1].end == pytest.approx(100, abs=0.3), longest
        assert (len(found.turns) == 1) == (longest >= 100), longest


def test_speech_without_a_pause_is_judged_anew_between_its_words(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", tone(40))
    (found,) = predictor(recognizer).predict([source(file)])
    assert [(round(turn.start), round(turn.end)) for turn in found.turns] == [(0, 20), (20, 40)]
    assert [[one.word.word for one in turn.words] for turn in found.turns] == [["oh", "no"], ["not", "again"]]
    assert all(turn.transcribed_by == "fake words" and turn.aligned_by == "fake times" for turn in found.turns)
    (middle,) = {round(a, 2) for turn in found.turns for a in (turn.start, turn.end)} - {0.0, 40.0}
    assert middle == pytest.approx(found.turns[0].words[-1].word.end, abs=0.01), "no word is cut"


def test_a_long_recording_with_its_text(tmp_path, recognizer):
    text = " ".join(f"word{i}" for i in range(30))
    file = write(tmp_path / "a.wav", tone(60))
    (found,) = predictor(recognizer).predict([source(file, text)])
    assert found.text == text and len(found.turns) == 4
    assert [one.word.start for turn in found.turns for one in turn.words] == pytest.approx(
        np.arange(30) * 2.0, abs=0.01
    )


def test_the_text_of_an_hour_is_refused(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", np.zeros(3600 * 1000, np.float32), 1000)
    (found,) = predictor(recognizer).predict([source(file, "oh")])
    assert isinstance(found, Failure) and "60 minutes" in str(found) and not recognizer.given


def test_results_come_in_order_and_failures_with_their_reason(tmp_path, recognizer):
    names = ("a", "silent", "b", "quiet", "c", "short", "empty")
    sounds = (tone(1), np.zeros(16000), talk([9, 1, 9, 1, 9]), np.zeros(30 * 16000), tone(2), tone(0.05))
    files = [write(tmp_path / f"{name}.wav", sound) for name, sound in zip(names, sounds, strict=False)]
    files.append(tmp_path / "empty.wav")
    files[-1].touch()
    found = list(predictor(recognizer).predict(source(file) for file in files))
    assert [one.name for one in found] == [str(file) for file in files]
    assert [type(one) for one in found] == [Prediction, Failure, Prediction, Failure, Prediction, Failure, Failure]
    reasons = [(one.reason, one.detail) for one in found if isinstance(one, Failure)]
    assert reasons == [
        ("silent audio", "every sample is 0"),
        ("no speech", "none was found in 30.0 s"),
        ("too short", "0.050 s; 0.1 s are needed"),
        ("empty audio", "the file has no bytes"),
    ]
    assert str(found[1]) == f"{files[1]}: silent audio (every sample is 0)"


def test_what_is_before_damage_is_not_lost(tmp_path, recognizer):
    samples = talk([5, 60, 5, 60, 5, 60, 5])
    samples[-1] = np.nan
    (found,) = predictor(recognizer).predict([source(write(tmp_path / "a.wav", samples))])
    assert len(found.turns) >= 2
    assert any("non-finite audio" in sentence for sentence in found.warnings)


def test_one_bad_turn_does_not_spoil_the_others(tmp_path):
    class Picky(FakeRecognizer):
        def recognize_many(self, recordings, **options):
            for i, result in enumerate(super().recognize_many(recordings, **options)):
                yield (
                    FailedRecording(result.name, "unclear", f"{result.name}: unclear (mumbled).") if i == 1 else result
                )

    file = write(tmp_path / "a.wav", talk([9, 1, 9, 1, 9]))
    (found,) = predictor(Picky()).predict([source(file)])
    assert len(found.turns) == 2
    assert found.warnings == ("Not judged: 9.8–19.2 s (unclear (mumbled)).",)


def test_turns_without_words_do_not_count(tmp_path):
    class Deaf(FakeRecognizer):
        def recognize_many(self, recordings, **options):
            return super().recognize_many((Recording(one.audio, "", rate=one.rate) for one in recordings), **options)

    file = write(tmp_path / "a.wav", talk([9, 1, 9, 1, 9]))
    (found,) = predictor(Deaf()).predict([source(file)])
    assert str(found) == f"{file}: no turn could be judged (no words were found)"


def test_little_is_read_ahead(tmp_path, recognizer):
    """However many recordings there are, they are taken as they are needed."""
    file, taken = write(tmp_path / "a.wav", tone(0.5)), 0

    def many():
        nonlocal taken
        while True:
            taken += 1
            yield source(file)

    results = predictor(recognizer).predict(many())
    for _ in range(5):
        next(results)
    assert taken < 10


def test_bytes_and_one_recording(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", tone(1))
    found = predictor(recognizer).predict_one(Source("-", file.read_bytes(), PurePath("stdin")))
    assert found.name == "-" and found.emotion == "angry"
    with pytest.raises(MtserError, match=r"^-: empty audio \(the file has no bytes\)\.$"):
        predictor(recognizer).predict_one(Source("-", b"", PurePath("stdin")))


def test_words_that_were_found_in_a_long_recording_tell_by_what(tmp_path, recognizer):
    file = write(tmp_path / "a.wav", talk([5, 2, 6, 1, 4, 7]))
    (found,) = predictor(recognizer).predict([source(file, "oh no not again")])
    assert found.was_cut and {turn.aligned_by for turn in found.turns} == {"fake times"}
