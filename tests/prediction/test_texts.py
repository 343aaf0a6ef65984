from pathlib import Path, PurePath

import pytest

from mtser.errors import CorpusError
from mtser.prediction.sources import Source
from mtser.prediction.texts import Texts


def source(path):
    return Source(str(path), Path(path), PurePath("x"))


def test_one_text():
    assert Texts("oh no").of(source("a.wav")) == "oh no"
    assert Texts().of(source("a.wav")) is None


def test_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("file,text\na.wav,oh\nb.wav,\n")
    texts = Texts(table=tmp_path / "t.csv")
    assert texts.of(source("calls/a.wav")) == "oh"
    assert texts.of(source("calls/c.wav")) is None
    with pytest.raises(CorpusError, match=r"t\.csv: calls/b\.wav: it has no text there"):  # and others go on
        texts.of(source("calls/b.wav"))


def test_the_table_counts_and_not_what_lies_beside(tmp_path):
    (tmp_path / "t.csv").write_text("file,text\na.wav,of the table\n")
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("beside")
    texts = Texts(table=tmp_path / "t.csv", beside=True)
    assert [texts.of(source(tmp_path / f"{name}.wav")) for name in "ab"] == ["of the table", "beside"]


def test_recordings_of_the_table_that_are_not_there(tmp_path):
    (tmp_path / "t.csv").write_text("file,text\na.wav,oh\n")
    with pytest.warns(UserWarning, match=r"1 of its files were not among the recordings: a\.wav"):
        Texts(table=tmp_path / "t.csv").warn_of_unused()


def test_texts_beside(tmp_path):
    (tmp_path / "a.txt").write_bytes("Oh\r\n nö ".encode("cp1252"))
    (tmp_path / "b.txt").write_text(" \n")
    (tmp_path / "d.lab").write_text("no")
    texts = Texts(beside=True)
    assert texts.of(source(tmp_path / "d.wav")) == "no"
    assert texts.of(source(tmp_path / "a.wav")) == "Oh nö"
    assert texts.of(source(tmp_path / "c.wav")) is None
    with pytest.raises(CorpusError, match=r"b\.txt: it has no text there"):
        texts.of(source(tmp_path / "b.wav"))
