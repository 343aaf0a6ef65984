"""Times from files, and even shares."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.alignment import Phone, Spoken, Word, align_many, text_grid
from mtser.alignment.files import EvenAligner, FileAligner, Origin
from mtser.alignment.text_grid import write_text_grid
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import AudioIndex
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


def found_in(grids: list[str], recordings: list[str], root: Path) -> dict[str, str]:
    """Recording → the one word of the grid that it gets, which is the place of that grid; "" if it gets none."""
    for grid in grids:
        write_text_grid(root / "grids" / f"{grid}.TextGrid", [Word(grid, 0.2, 0.6)], 1.0)
    spoken = {one: Spoken(audio(root / "wav" / f"{one}.wav"), "") for one in recordings}
    found = align_many(FileAligner(root / "grids"), spoken, progress=False)
    reasons = {one.reason for one in found.values() if isinstance(one, UnusableAlignmentError)}
    assert reasons <= {"no alignment"}
    return {id: "" if isinstance(one, UnusableAlignmentError) else one[0].word for id, one in found.items()}


@pytest.mark.parametrize(
    ("grids", "expected"),
    [
        (["s1/a"], {"s1/a": "s1/a", "s2/a": ""}),
        (["s2/a"], {"s1/a": "", "s2/a": "s2/a"}),
        (["a"], {"s1/a": "", "s2/a": ""}),
        (["s1/a", "s3/a"], {"s1/a": "s1/a", "s2/a": ""}),
        (["a", "s2/a"], {"a": "a", "s1/a": "", "s2/a": "s2/a"}),  # below grids as below wav: so mtser align writes them
        (["x/a"], {"a": "", "s1/a": ""}),
        (["x/b"], {"s1/b": "x/b", "s1/a": ""}),  # the only b there is: folders may be called otherwise
        (["x/b", "y/b"], {"s1/b": ""}),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_no_recording_gets_the_words_of_another(
    grids: list[str], expected: dict[str, str], order: int, tmp_path: Path
) -> None:
    assert found_in(grids, list(expected)[::order], tmp_path) == expected


def test_what_is_wrong_with_files_of_the_same_name_is_told(tmp_path: Path) -> None:
    both = [tmp_path / "wav" / session / "a.wav" for session in ("s1", "s2")]
    grid = write_text_grid(tmp_path / "grids" / "a.TextGrid", [Word("yes", 0.2, 0.6)], 1.0)
    aligner = FileAligner(tmp_path / "grids")
    with pytest.raises(UnusableAlignmentError) as told:
        aligner.among({one: Origin(one) for one in both}).align_within(both[0], 1.0, [])
    advice = "put each into folders that are called like those of its audio"
    assert told.value.detail == f"{both[0]}: {grid} is as much or more that of {both[1]}: {advice}"
    assert aligner.align_within(both[0], 1.0, []) == (Word("yes", 0.2, 0.6),)  # knows of no other
    twice = [write_text_grid(tmp_path / "grids" / one / "b.TextGrid", [Word("b", 0.2, 0.6)], 1.0) for one in "xy"]
    with pytest.raises(UnusableAlignmentError) as told:
        FileAligner(tmp_path / "grids").align_within(tmp_path / "b.wav", 1.0, [])
    assert told.value.detail == f"{tmp_path / 'b.wav'}: both {twice[0]} and {twice[1]} may be its: {advice}"


def test_files_are_named_like_the_recording_that_an_audio_file_was_made_of(tmp_path: Path) -> None:
    phones = (Phone("N", 1.9, 2.2), Phone("OW", 2.2, 2.6))
    words = [Word("oh", 0.2, 1.2), Word("no", 1.9, 2.6, phones), Word("yes", 2.8, 3.4)]
    grid = write_text_grid(tmp_path / "grids" / "talk.TextGrid", words, 4.0)
    talk = tmp_path / "talk.mp4"
    cut = {Path("cache/1.flac"): Origin(talk), Path("cache/2.flac"): Origin(talk, 2.0, 3.0)}
    aligner = FileAligner(tmp_path / "grids").among({**cut, Path("cache/3.flac"): Origin(talk, 3.5)})
    assert aligner.align_within(Path("cache/1.flac"), 4.0, ["Oh", "no", "yes"])[1] == Word("no", 1.9, 2.6, phones)
    expected = Word("no", 0.0, 0.6, (Phone("N", 0.0, 0.2), Phone("OW", 0.2, 0.6)))
    assert aligner.align_within(Path("cache/2.flac"), 1.0, ["no"]) == (expected,)  # the middle of "yes" is after it
    with pytest.raises(UnusableAlignmentError, match="words differ from the transcript"):
        aligner.align_within(Path("cache/2.flac"), 1.0, ["oh", "no"])
    with pytest.raises(UnusableAlignmentError) as told:
        aligner.align_within(Path("cache/3.flac"), 0.5, [])
    assert (told.value.reason, told.value.detail) == (
        "no words in the alignment",
        f"{grid}: between 3.500 and 4.000 s",
    )


def test_samples_without_a_name_and_missing_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose another aligner"):
        FileAligner(tmp_path).align(np.zeros(16000, np.float32), ["oh"])
    with pytest.raises(ConfigError, match="no such folder of alignments"):
        FileAligner(tmp_path / "none").align_within(Path("a.wav"), 1.0, [])


def test_even_shares_fill_the_audio() -> None:
    words = EvenAligner().align(np.zeros(24000, np.float32), ["a", "b", "c"])
    assert [(word.start, word.end) for word in words] == [(0.0, 0.5), (0.5, 1.0), (1.0, 1.5)]


@pytest.mark.parametrize("aligner", ["even", "files"])
def test_audio_whose_duration_is_known_is_not_read(
    aligner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rate, n in ((16000, 16001), (44100, 44100), (48000, 48001), (22050, 12345)):
        soundfile.write(tmp_path / f"{rate}.wav", np.random.default_rng(rate).uniform(-0.1, 0.1, n), rate)
        write_text_grid(tmp_path / f"{rate}.TextGrid", [Word("oh", 0.1, 0.3), Word("no", 0.3, 0.5)], 0.5)
    spoken = {one.stem: Spoken(one, "Oh no") for one in sorted(tmp_path.glob("*.wav"))}
    infos = AudioIndex().inspect({id: one.path for id, one in spoken.items()}, progress=False)
    chosen = EvenAligner() if aligner == "even" else FileAligner(tmp_path)
    expected = {id: chosen.align_file(one.path, ["Oh", "no"]) for id, one in spoken.items()}
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("audio is read"))
    monkeypatch.setattr(text_grid, "read_text", lambda path: path.read_text())
    assert align_many(chosen, spoken, infos=infos, progress=False) == expected
