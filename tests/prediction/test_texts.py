from pathlib import Path, PurePath

import pytest

from mtser.errors import ConfigError, CorpusError
from mtser.prediction.sources import Source
from mtser.prediction.texts import Texts


def source(path):
    return Source(str(path), Path(path), PurePath("x"))


def test_one_text():
    assert Texts("oh no").of(source("a.wav")) == "oh no"
    assert Texts().of(source("a.wav")) is None


def test_a_table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "texts" / "t.csv"
    table.parent.mkdir()
    table.write_text(
        'file,speaker,text\ncalls/a.wav,x,"Oh,  no."\nb.wav,y,Über\n../c.wav,z,see\nd.wav,z,never\n', encoding="utf-8"
    )
    texts = Texts(table=table)
    assert texts.of(source("calls/a.wav")) == "Oh, no."
    assert texts.of(source("/elsewhere/b.wav")) == "Über"
    assert texts.of(source("c.wav")) == "see", "relative to the table"
    assert texts.of(source("e.wav")) is None
    assert texts.unused == {"d.wav"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,text\na,b\n", "it has no column file; write file,text first."),
        ("file,text\na.wav,x\na.wav,y\n", "line 3: a.wav is there twice."),
        ("file,text\na.wav,\n", "line 2: a.wav has no text"),
        ("", "it has no column file and no column text"),
    ],
)
def test_bad_tables(tmp_path, content, message):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(ConfigError, match=message):
        Texts(table=tmp_path / "t.csv")


def test_a_missing_table(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        Texts(table=tmp_path / "t.csv")


def test_texts_beside(tmp_path):
    (tmp_path / "a.txt").write_bytes("Oh\r\n nö ".encode("cp1252"))
    (tmp_path / "b.txt").write_text(" \n")
    texts = Texts(beside=True)
    assert texts.of(source(tmp_path / "a.wav")) == "Oh nö"
    assert texts.of(source(tmp_path / "c.wav")) is None
    with pytest.raises(CorpusError, match=r"b\.txt: it holds no text"):
        texts.of(source(tmp_path / "b.wav"))
