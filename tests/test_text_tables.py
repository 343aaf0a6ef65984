import csv
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
    found = rows(tmp_path / "a.csv", "a,b\n1\n\n , \n1,2,3\n", "a")
    assert [row for _, row in found] == [{"a": "1", "b": ""}, {"a": "1", "b": "2"}]


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


@pytest.mark.parametrize("second", ["Go away", 'She said "go"', '"Go" she said', '"Go away'])
def test_between_tabulators_quotation_marks_are_of_the_text(second: str, tmp_path: Path) -> None:
    found = rows(tmp_path / "a.tsv", f'file\ttext\na.wav\t"Oh no\nb.wav\t{second}\n', "file")
    assert [row["text"] for _, row in found] == ['"Oh no', second]
    quoted = rows(tmp_path / "b.tsv", 'file\ttext\na.wav\t"Oh\tno"\n', "file")
    assert quoted == [(2, {"file": "a.wav", "text": "Oh\tno"})]
