"""Times from files, and even shares."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.alignment import Spoken, Word, align_many
from mtser.alignment.files import EvenAligner, FileAligner
from mtser.alignment.text_grid import write_text_grid
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.errors import ConfigError

WDSEG = (
    "SFrm EFrm SegAScr Word\n0 9 0 <s>\n10 29 0 OH\n30 39 0 <sil>\n40 79 0 NO(2)\n80 85 0 ++LAUGHTER++\nTotal score: 0"
)


def audio(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 16000), 16000)
    return path


def test_files_are_found_below_the_folder_by_the_name_of_the_audio(tmp_path: Path) -> None:
    (tmp_path / "times" / "s1").mkdir(parents=True)
    (tmp_path / "times" / "s1" / "a.wdseg").write_text(WDSEG)
    write_text_grid(tmp_path / "times" / "b.TextGrid", [Word("yes", 0.2, 0.6)], 1.0)
    spoken = {
        name: Spoken(audio(tmp_path / f"{name}.wav"), text) for name, text in (("a", "Oh, no!"), ("b", ""), ("c", "x"))
    }
    found = align_many(FileAligner(tmp_path / "times"), spoken, progress=False)
    assert found["a"] == (Word("Oh", 0.1, 0.3), Word("no", 0.4, 0.8))
    assert found["b"] == (Word("yes", 0.2, 0.6),)  # without a text, the file's words
    assert isinstance(found["c"], UnusableAlignmentError) and found["c"].reason == "no alignment"
    assert str(tmp_path / "c.wav") in found["c"].detail


def test_folders_behind_links_are_looked_into(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    write_text_grid(tmp_path / "elsewhere" / "a.TextGrid", [Word("yes", 0.2, 0.6)], 1.0)
    (tmp_path / "times").mkdir()
    (tmp_path / "times" / "s1").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "times" / "again").symlink_to(tmp_path / "times")  # a circle
    assert FileAligner(tmp_path / "times").align_within(tmp_path / "a.wav", 1.0, []) == (Word("yes", 0.2, 0.6),)


def test_of_several_files_the_one_in_the_folders_of_the_audio_counts(tmp_path: Path) -> None:
    for session, word in (("s1", "one"), ("s2", "two")):
        write_text_grid(tmp_path / "times" / session / "a.TextGrid", [Word(word, 0.2, 0.6)], 1.0)
    aligner = FileAligner(tmp_path / "times")
    for session, word in (("s1", "one"), ("s2", "two")):
        assert [one.word for one in aligner.align_within(tmp_path / "wav" / session / "a.wav", 1.0, [])] == [word]


def test_samples_without_a_name_and_missing_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose another aligner"):
        FileAligner(tmp_path).align(np.zeros(16000, np.float32), ["oh"])
    with pytest.raises(ConfigError, match="no such folder of alignments"):
        FileAligner(tmp_path / "none").align_within(Path("a.wav"), 1.0, [])


def test_even_shares_fill_the_audio() -> None:
    words = EvenAligner().align(np.zeros(24000, np.float32), ["a", "b", "c"])
    assert [(word.start, word.end) for word in words] == [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]
