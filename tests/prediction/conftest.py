import warnings

import pytest

from mtser.prediction import predictor
from tests.prediction.fakes import FakeRecognizer, loud_parts
from tests.prediction.sounds import talk, tone, write


@pytest.fixture
def recognizer(monkeypatch):
    """The one that commands get, whatever model they name; voices are found by their loudness."""
    made = FakeRecognizer()

    def load(options):
        warnings.warn("Only 2 of 5 folds are done.", stacklevel=1)
        return made

    monkeypatch.setattr("mtser.prediction.batch.load_recognizer", load)
    monkeypatch.setattr(predictor.Predictor, "_speech", lambda self: loud_parts)
    return made


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """A folder of recordings of many kinds, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "calls"
    write(folder / "a.wav", tone(2, loudness=0.9))
    write(folder / "deep" / "b.wav", tone(3, 8000), 8000)
    write(folder / "long.flac.wav", talk([9, 1, 9, 1, 9]))
    write(folder / "silent.wav", tone(1, loudness=0))
    (folder / "empty.wav").touch()
    (folder / "text.wav").write_text("hello")
    (folder / "notes.txt").write_text("no recording")
    return folder
