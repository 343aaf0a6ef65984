import csv
import re
from pathlib import Path

import pytest

from mtser.errors import CorpusError
from mtser.text_tables import read_table


def rows(path: Path, text: str, *columns: str, encoding: str = "utf-8") -> list[tuple[int, dict[str, str]]]:
    path.write_bytes(text.encode(encoding))
    return list(read_table(path, columns))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings(delimiter: str, encoding: str, tmp_path: Path) -> None:
    text = f"file{delimiter}text\r\na.wav{delimiter}  né \r\n"
    assert rows(tmp_path / "a.csv", text, "file", encoding=encoding) == [(2, {"file": "a.wav", "text": "né"})]


def test_quoted_fields_may_hold_anything(tmp_path: Path) -> None:
    text = 'file,text\na.wav,"one, ""two""\nthree"\nb.wav,four\n'
    assert rows(tmp_path / "a.csv", text, "text") == [
        (3, {"file": "a.wav", "text": 'one, "two"\nthree'}),
        (4, {"file": "b.wav", "text": "four"}),
    ]


def test_short_and_long_and_empty_rows(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.csv", "a,b\n1\n\n , \n1,2,,\n", "a")
    assert [row for _, row in found] == [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "file,text,who\na.wav,Oh,a\nb.wav,Oh, no,b\n",
            "3: has 4 fields, its header names 3; put texts with a comma in",
        ),
        (
            "file;text;\na.wav;Oh; no\n",
            "2: has 3 fields, its header names 2; put texts with a semicolon in quotation marks, or name the column.",
        ),
    ],
)
def test_an_unquoted_separator_shifts_no_fields(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(CorpusError, match=rf"a\.csv:{told}"):
        rows(tmp_path / "a.csv", text, "file")
    long: list[tuple[int, str]] = []
    found = list(read_table(tmp_path / "a.csv", ["file"], long_row=lambda line, why: long.append((line, why))))
    assert len(long) == 1 and told.startswith(f"{long[0][0]}: {long[0][1][:30]}")
    assert len(found) == text.count("\n") - 2, "the others are read"


def test_a_column_that_stands_there_twice(tmp_path: Path) -> None:
    text = "file,Label,note,note,label\na.wav,joy,1,2,fear\n"
    assert rows(tmp_path / "a.csv", text, "file", "label") == [
        (2, {"file": "a.wav", "Label": "joy", "note": "2", "label": "fear"})
    ]
    for columns, optional in ((["file", "label"], []), (["file"], ["label"])):
        with pytest.raises(CorpusError, match=r"a\.csv: has 2 columns 'label' \(Label, label\); give all but one"):
            list(read_table(tmp_path / "a.csv", columns, optional=optional, ignore_case=True))


def test_the_nearest_column_is_told(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no column 'partition'; its header has a, Parttion; the nearest is 'Partt"):
        (tmp_path / "a.csv").write_text("a,Parttion\n")
        list(read_table(tmp_path / "a.csv", ["partition"], ignore_case=True))


def test_accents_are_one_character_and_make_no_separators(tmp_path: Path) -> None:
    text = "file;te\u0301xt\nthe\u0301.wav;\u03c4\u03b9\u037e\n"  # a Greek question mark
    assert rows(tmp_path / "a.csv", text, "file") == [(2, {"file": "th\xe9.wav", "t\xe9xt": "\u03c4\u03b9;"})]


@pytest.mark.parametrize("told", ["sep=;", '"sep=;"', "SEP=|", "sep=\t"])
def test_the_line_that_tells_excel_the_separator(tmp_path: Path, told: str) -> None:
    separator = told.strip('"')[-1]
    lines = [told, separator.join(("file", "a,b,c")), separator.join(("a.wav", "x,y"))]
    assert rows(tmp_path / "a.csv", "\r\n".join(lines), "file") == [(3, {"file": "a.wav", "a,b,c": "x,y"})]
    with pytest.raises(CorpusError, match=r"a\.csv:3: a quotation mark|a\.csv:3: has 3 fields"):
        rows(tmp_path / "a.csv", "\n".join([*lines[:2], separator.join(('"a' if separator == ";" else "a", "b", "c"))]))


def test_workbooks_and_other_files_are_not_printed(tmp_path: Path) -> None:
    for head in (b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        (tmp_path / "a.xlsx").write_bytes(head + bytes(range(256)))
        with pytest.raises(
            CorpusError, match=r"a\.xlsx: is an Excel workbook; save it as CSV UTF-8, and give that file"
        ):
            list(read_table(tmp_path / "a.xlsx", ["file"]))
    with pytest.raises(CorpusError) as told:
        rows(tmp_path / "a.csv", "\x00\x1b[2J\x9b" + 5000 * "x", "file")
    assert str(told.value).isprintable() and len(str(told.value)) < len(str(tmp_path)) + 350
    assert r"\x1b[2J\x9bxx" in str(told.value)


@pytest.mark.parametrize(
    ("delimiter", "told"), [("\t", "tabulator"), (None, "comma, semicolon or tabulator"), ("|", "'|'")]
)
def test_a_header_without_separator_says_which_is_missing(tmp_path: Path, delimiter: str | None, told: str) -> None:
    header = "file:label" if delimiter is None else "file,label"
    (tmp_path / "a.csv").write_text(f"{header}\na,joy\n")
    with pytest.raises(CorpusError, match=rf"its header has {header} without a {re.escape(told)} between fields"):
        list(read_table(tmp_path / "a.csv", ["file"], delimiter=delimiter))


def test_a_column_without_a_name(tmp_path: Path) -> None:
    assert rows(tmp_path / "a.csv", '"","a"\n"100001",1\n', "a") == [(2, {"": "100001", "a": "1"})]


def test_what_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"a\.csv: has no column 'label'; its header has file, emotion\."):
        rows(tmp_path / "a.csv", "file,emotion\n", "file", "label")
    with pytest.raises(CorpusError, match="its header has nothing"):
        rows(tmp_path / "a.csv", "", "file")
    with pytest.raises(CorpusError, match="cannot be read"):
        list(read_table(tmp_path / "none.csv", ["file"]))
    with pytest.raises(CorpusError, match=r"a\.csv:\d+: is no table \(field larger than field limit"):
        (tmp_path / "a.csv").write_text('a,b\n1,"' + "x" * 200)
        list(read_table(tmp_path / "a.csv", ["a"], csv_field_limit=100))


def test_the_limit_of_other_readers_stays_as_it_is(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    rows(tmp_path / "a.csv", "file\na.wav\n", "file")
    with pytest.raises(CorpusError, match="is no table"):
        (tmp_path / "a.csv").write_text('a,b\n1,"' + "x" * 200)
        list(read_table(tmp_path / "a.csv", ["a"], csv_field_limit=100))
    assert csv.field_size_limit() == before


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    table = 'file,text\na.wav,"Oh, no."\nb.wav,"Oh no\nc.wav,Go away\n'
    with pytest.raises(CorpusError, match=r"a\.csv:3: a quotation mark is opened in this row and never closed"):
        rows(tmp_path / "a.csv", table, "file")
    assert len(rows(tmp_path / "b.csv", 'file,text\na.wav,"Oh\nno"\nb.wav,so\n', "file")) == 2  # over two lines


def test_rows_between_two_stray_quotation_marks_are_not_lost(tmp_path: Path) -> None:
    table = 'file,text\na.wav,"She said ""no"",\nand so"\nb.wav,"Oh no\nc.wav,fine\nd.wav,"Yes" she said\n'
    with pytest.raises(CorpusError, match=r"a\.csv:4: a quotation mark .* closed in a later one"):
        rows(tmp_path / "a.csv", table, "file")


@pytest.mark.parametrize("second", ["Go away", 'She said "go"', '"Go" she said', '"Go away'])
def test_between_tabulators_quotation_marks_are_of_the_text(second: str, tmp_path: Path) -> None:
    found = rows(tmp_path / "a.tsv", f'file\ttext\na.wav\t"Oh no\nb.wav\t{second}\n', "file")
    assert [row["text"] for _, row in found] == ['"Oh no', second]
    quoted = rows(tmp_path / "b.tsv", 'file\ttext\na.wav\t"Oh\tno"\n', "file")
    assert quoted == [(2, {"file": "a.wav", "text": "Oh\tno"})]
