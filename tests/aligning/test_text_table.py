"""Texts of recordings in a table that a user wrote."""

from pathlib import Path

import pytest

from mtser.aligning.text_table import TextTable
from mtser.errors import ConfigError


def table(folder: Path, content: str | bytes, name: str = "texts.csv") -> TextTable:
    """Write a table and read it."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return TextTable(folder / name)


def test_a_recording_is_named_by_its_path_or_the_end_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    read = table(tmp_path / "texts", "file,text\ncalls/a.wav,one\nb.wav,two\n../c.wav,three\ns/d,four\n")
    assert read.of("calls/a.wav") == "one"
    assert read.of("./calls/../calls/a.wav") == "one"
    assert read.of("/elsewhere/calls/a.wav") == "one", "the end of the path"
    assert read.of("other/a.wav") is None
    assert read.of("/elsewhere/b.wav") == "two"
    assert read.of("c.wav") == "three", "relative to the table"
    assert read.of(Path("/elsewhere/s/d.flac")) == "four", "without suffix"


def test_accents_as_one_character_or_as_two(tmp_path: Path) -> None:
    read = table(tmp_path, "file,text\ncafé.wav,one\nthe\u0301.wav,two\n")
    assert read.of("calls/cafe\u0301.wav") == "one"
    assert read.of("calls/thé.wav") == "two"


def test_the_nearest_name_counts(tmp_path: Path) -> None:
    read = table(tmp_path, "file,text\na.wav,any a\ns/a.wav,the a of s\n")
    assert (read.of("s/a.wav"), read.of("t/a.wav")) == ("the a of s", "any a")


@pytest.mark.parametrize(
    "content",
    [
        'speaker\tFile\tTEXT\n1\ta.wav\t"Oh,  Über"\n',
        "file;text;\na.wav;Oh, Über;\n",
        '\ufefffile,text\r\na.wav,"Oh,\nÜber"\r\n',
        'file,text\na.wav,"Oh, Über"\n'.encode("cp1252"),
        'file,text\na.wav,"Oh, Über"\n'.encode("utf-16"),
    ],
)
def test_tables_as_people_keep_them(tmp_path: Path, content: str | bytes) -> None:
    assert table(tmp_path, content).of("a.wav") == "Oh, Über"


def test_an_empty_text_is_not_an_unknown_one(tmp_path: Path) -> None:
    read = table(tmp_path, "file,text\na.wav,\n,lost\n")
    assert (read.of("a.wav"), read.of("b.wav")) == ("", None)


def test_names_that_nobody_asked_for_are_told(tmp_path: Path) -> None:
    read = table(tmp_path, "file,text\n" + "".join(f"{name}.wav,x\n" for name in "abcdefgh"))
    assert read.of("a.wav") == "x"
    with pytest.warns(UserWarning, match=r"7 of its files were not among the recordings: b.wav, .*, f.wav, \.\.\."):
        read.warn_of_unused()


def test_nothing_is_told_if_all_were_asked_for(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    read = table(tmp_path, "file,text\na.wav,x\n")
    read.of("a.wav")
    read.warn_of_unused()
    assert not recwarn.list


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("file,words\na.wav,oh\n", "has no column 'text'; its header has file, words"),
        ("file,text\na.wav,oh\n./a.wav,no\n", r"texts.csv:3: './a.wav' stands there twice"),
        ("", "has no column 'file'; its header has nothing"),
        (
            "file,text,who\na.wav,Oh, no,anna\n",
            r"texts.csv:2: has 4 fields, its header names 3; put texts with a comma in quot",
        ),
        ("file,text,Text\na.wav,Oh,no\n", r"texts.csv: has 2 columns 'text' \(text, Text\)"),
    ],
)
def test_wrong_tables_are_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        table(tmp_path, content)


def test_a_missing_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none.csv: cannot be read"):
        TextTable(tmp_path / "none.csv")
