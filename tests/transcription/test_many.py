"""Many files: one that cannot be transcribed stops nothing."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio import UnusableAudioError
from mtser.errors import MtserError
from mtser.transcription import Segment, Transcriber, Transcript, transcribe_many


class Choosy(Transcriber):
    """Breaks on quiet recordings."""

    name = "choosy"

    def settings(self) -> dict:
        return {"class": "Choosy"}

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        if np.abs(samples).max() < 0.1:
            raise RuntimeError("shapes do not match")
        return Transcript((Segment(0.0, 1.0, "oh"),), "en", self.name)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    monkeypatch.setenv("MTSER_CACHE", str(tmp_path / "cache"))
    for name, level in (("loud", 0.5), ("quiet", 0.05)):
        soundfile.write(tmp_path / f"{name}.wav", level * np.sin(np.arange(16000) / 10), 16000)
    return {name: tmp_path / f"{name}.wav" for name in ("quiet", "loud")}


def test_a_recogniser_that_breaks_on_one_file(files: dict[str, Path]) -> None:
    found = transcribe_many(Choosy(), files, progress=False)
    assert isinstance(found["loud"], Transcript)
    broken = found["quiet"]
    assert isinstance(broken, UnusableAudioError) and broken.problem == "cannot be transcribed"
    assert "quiet.wav" in str(broken) and "shapes do not match" in str(broken)


def test_a_recogniser_that_cannot_work_ends_everything(files: dict[str, Path]) -> None:
    class Missing(Choosy):
        def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
            raise MtserError("it is not installed.")

    with pytest.raises(MtserError, match="not installed"):
        transcribe_many(Missing(), files, progress=False)
