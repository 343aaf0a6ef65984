"""What ``mtser align`` leaves as it is in the folder that it writes to, and what it writes anew."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mtser.alignment import Word
from mtser.alignment.text_grid import read_text_grid, write_text_grid
from mtser.cli import main
from tests.aligning.test_command import STRICT, TWICE, summary
from tests.helpers.leftovers import leftover


@pytest.fixture
def align(tmp_path: Path) -> Callable[..., int]:
    """Align all that is in ``in``, to ``out``."""

    def run(*options: str, out: Path = tmp_path / "out", aligner: str = STRICT) -> int:
        return main(["align", str(tmp_path / "in"), "--out", str(out), "--aligner", aligner, *options])

    return run


def make_old(out: Path) -> None:
    """Leave the folder as an older version did, which wrote no note."""
    (out / "align.jsonl").unlink()


def words(file: Path) -> list[str]:
    return [word.word for word in read_text_grid(file)]


def test_what_it_has_not_written_stays(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = audio("talk.wav", "Oh, no!").parent
    audio("sub/talk.wav", "Oh, no!")
    by_hand = {name: folder / name for name in ("talk.TextGrid", "sub/talk.TextGrid", "summary.csv", "align.jsonl")}
    for file in by_hand.values():
        file.write_text("by hand")
    for name, n in (("align.jsonl", 4), ("summary.csv", 3), ("talk.TextGrid", 2), ("sub/talk.TextGrid", 1)):
        assert align(out=folder) == 2
        more = f" (the first of {n} such files)" if n > 1 else ""
        told = f"{by_hand[name]}: mtser align has not written it{more}; choose another --out."
        assert told in " ".join(capsys.readouterr().err.split())
        assert {file.read_text() for file in by_hand.values()} == {"by hand"}
        by_hand.pop(name).unlink()
    assert align(out=folder) == 0 and align(out=folder) == 0
    assert words(folder / "talk.TextGrid") == ["Oh", "no"]


def test_files_of_others_beside_its_own_stay(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int]
) -> None:
    audio("a.wav", "Oh, no!")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.TextGrid").write_text("by hand")
    assert align() == 0 and align() == 0
    assert (tmp_path / "out" / "b.TextGrid").read_text() == "by hand"


def test_a_text_grid_that_was_corrected_stays(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    audio("a.wav", "Oh, no!")
    assert align() == 0
    grid = tmp_path / "out" / "a.TextGrid"
    write_text_grid(grid, [Word("Oh", 0.1, 0.2)], 1.0, {"tones": [(0.1, 0.2, "H*")]})
    assert align() == 2 and words(grid) == ["Oh"]
    told = f"{grid}: it was changed since mtser align wrote it; choose another --out."
    assert told in " ".join(capsys.readouterr().err.split())
    grid.unlink()
    assert align() == 0 and words(grid) == ["Oh", "no"]


def test_the_folder_that_the_aligner_reads_is_not_written_to(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    audio("a.wav", "Oh, no!")
    grids = tmp_path / "grids"
    assert align(out=grids) == 0
    before = (grids / "summary.csv").read_text()
    assert align(out=tmp_path / "in" / ".." / "grids", aligner=str(grids)) == 2
    assert "grids: --aligner reads its files there; choose another --out." in capsys.readouterr().err
    assert (grids / "summary.csv").read_text() == before
    assert align(aligner=str(grids)) == 0


def test_a_folder_of_an_older_version_goes_on(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    audio("a.wav", "Oh, no!"), audio("s/b.wav", "unsaid")
    out = tmp_path / "out"
    assert align() == 1
    make_old(out)
    audio("a.wav", "Oh, yes!")
    assert align() == 1 and words(out / "a.TextGrid") == ["Oh", "yes"]
    make_old(out)
    (out / "s").mkdir()
    (out / "s" / "b.TextGrid").write_text("by hand, since mtser failed")
    assert align() == 2
    assert "s/b.TextGrid: mtser align has not written it; choose" in " ".join(capsys.readouterr().err.split())


def test_other_recordings_may_come_to_the_same_folder(audio: Callable[..., Path], tmp_path: Path) -> None:
    first, second = audio("a.wav", "Oh, no!"), audio("b.wav", "Oh, yes!")
    for path in (first, second, first):
        assert main(["align", str(path), "--out", str(tmp_path / "out"), "--aligner", STRICT]) == 0
    assert words(tmp_path / "out" / "b.TextGrid") == ["Oh", "yes"]


@pytest.mark.parametrize("is_old", [False, True])
def test_words_that_no_longer_hold_do_not_stay(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int], is_old: bool
) -> None:
    path = audio("a.wav", "Oh, no!")
    out = tmp_path / "out"
    assert align() == 0
    if is_old:
        make_old(out)
    path.with_suffix(".txt").write_text("this is unsaid")
    assert align() == 1
    assert summary(out)["a.wav"]["status"] == "failed" and not (out / "a.TextGrid").exists()
    (out / "a.TextGrid").write_text("by hand, since mtser failed")
    assert align() == 2 and (out / "a.TextGrid").read_text().startswith("by hand")


def test_what_a_killed_process_left(audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int]) -> None:
    audio("a.wav", "Oh, no!")
    out = tmp_path / "out"
    assert align() == 0
    note = out / "align.jsonl"
    with note.open("a") as file:  # killed while it noted one file, or while it wrote another one
        file.write('{"file": "b.TextG')
    left = leftover(out, "a.TextGrid")
    assert align() == 0 and not left.exists()
    first, *lines = map(json.loads, note.read_text().splitlines())
    assert first == {"made_by": "mtser align"} and {one["file"] for one in lines} == {"a.TextGrid"}
    with note.open("a") as file:
        file.write('{"file": "a.TextGrid", "sha256": ""}\n')
    write_text_grid(out / "a.TextGrid", [Word("Oh", 0.1, 0.2)], 1.0)
    assert align() == 0 and words(out / "a.TextGrid") == ["Oh", "no"]


def test_a_text_grid_that_comes_while_it_works_stays(
    audio: Callable[..., Path], tmp_path: Path, align: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mtser.aligning.result_folder import ResultFolder

    audio("a.wav", "Oh, no!")
    grid = tmp_path / "out" / "a.TextGrid"
    begin = ResultFolder.begin

    def and_write_by_hand(results: ResultFolder) -> None:
        begin(results)
        grid.write_text("by hand")

    monkeypatch.setattr(ResultFolder, "begin", and_write_by_hand)
    assert align() == 2 and grid.read_text() == "by hand"


def test_a_folder_that_cannot_be_written_is_told_before_any_work(
    audio: Callable[..., Path],
    tmp_path: Path,
    align: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("that is work")

    for name in ("align_many", "transcribe_many", "AudioIndex"):
        monkeypatch.setattr(f"mtser.aligning.work.{name}", refuse)
    audio("a.wav")
    (tmp_path / "file").touch()
    assert align("--transcriber", TWICE, out=tmp_path / "file" / "out") == 2
    assert "cannot be written" in capsys.readouterr().err
