import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.errors import CorpusError
from mtser.text_files import _decode, files_by_stem, numbered_lines, read_text, subfolders


@pytest.mark.parametrize(
    "encoding, text",
    [
        ("utf-8", "naïve – “quoted” 你好"),
        ("utf-8-sig", "naïve"),
        ("cp1252", "naïve – “quoted”…"),
        ("latin-1", "na\xefve \x81\x85"),  # 0x81 is no character of Windows-1252
        ("utf-16", "naïve 你好"),
    ],
)
def test_any_encoding_is_recognised(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    assert read_text(tmp_path / "a.txt") == text


def test_big_endian_utf16_with_its_mark(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xfe\xff" + "naïve".encode("utf-16-be"))
    assert read_text(tmp_path / "a.txt") == "naïve"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_of_all_systems(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.txt").write_bytes(f"one{end}{end}two{end}".encode())
    assert list(numbered_lines(read_text(tmp_path / "a.txt"))) == [(1, "one"), (3, "two")]


@given(st.binary(), st.sampled_from(("cp1252", "gb18030")))
def test_any_bytes_are_some_text(data: bytes, legacy: str) -> None:
    assert isinstance(_decode(data, legacy), str)


def test_a_control_character_of_latin1_does_not_end_a_line() -> None:
    assert list(numbered_lines("wait\x85 what")) == [(1, "wait\x85 what")]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="gone.txt: cannot be read"):
        read_text(tmp_path / "gone.txt")


def test_listing_prefers_the_first_suffix_and_leaves_out_twins_and_folders(tmp_path: Path) -> None:
    for name in ("b.flac", "b.WAV", "._b.wav", ".hidden.wav", "a.FLAC", "c.mp3"):
        (tmp_path / name).touch()
    (tmp_path / "d.wav").mkdir()
    found = files_by_stem(tmp_path, (".wav", ".flac"))
    assert {stem: path.name for stem, path in found.items()} == {"a": "a.FLAC", "b": "b.WAV"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text_are_left_out(tmp_path: Path) -> None:
    for name in (b"kopie \xfc.wav", b"a.wav"):
        (tmp_path / os.fsdecode(name)).touch()
    assert list(files_by_stem(tmp_path, (".wav",))) == ["a"]


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert files_by_stem(tmp_path / "gone", (".txt",)) == {}
    assert subfolders(tmp_path / "gone") == ()


def test_subfolders_are_sorted_and_visible(tmp_path: Path) -> None:
    for name in ("b", "a", "._a", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    assert [folder.name for folder in subfolders(tmp_path)] == ["a", "b"]


def test_a_folder_that_must_not_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    for listing in (lambda: files_by_stem(tmp_path, (".txt",)), lambda: subfolders(tmp_path)):
        with pytest.raises(CorpusError, match="cannot be listed"):
            listing()
