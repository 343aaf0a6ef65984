"""How corpora are named on the command line and in a file."""

import sys
import types
from pathlib import Path

import pytest

from mtser.corpora import read_emodb
from mtser.corpora.joined import Source, find_reader, make_source, parse_sources, read_sources, reader_names
from mtser.corpora.joined.source import names_of
from mtser.errors import ConfigError


def test_the_short_form() -> None:
    emodb, chimera, own = parse_sources(
        "--train_corpus", "emodb=/a, chimera:iemocap=/b=c ,mine:my_package.read=../d", {}
    )
    assert emodb == Source("emodb", "emodb", Path("/a"))
    assert chimera == Source("chimera", "iemocap", Path("/b=c"))
    assert own == Source("mine", "my_package.read", Path("../d"))


def test_the_long_form_is_relative_to_its_file(tmp_path: Path) -> None:
    file = tmp_path / "corpora.yaml"
    file.write_text(
        "emodb: {data_folder: /corpora/emodb}\n"
        "chimera:\n  reader: iemocap\n  data_folder: below/chimera\n  options: {unaligned: even}\n"
    )
    declared = read_sources(file)
    assert declared["emodb"] == Source("emodb", "emodb", Path("/corpora/emodb"))
    assert declared["chimera"] == Source("chimera", "iemocap", tmp_path / "below/chimera", {"unaligned": "even"})
    mixed = parse_sources("--train_corpus", "chimera,esd=/e", declared)
    assert [(one.name, one.data_folder) for one in mixed] == [
        ("chimera", tmp_path / "below/chimera"),
        ("esd", Path("/e")),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("emodb", r"where does emodb lie\? Give emodb=FOLDER; or describe it in a file: --corpora FILE"),
        ("chimera:iemocap", r"Give chimera:iemocap=FOLDER"),
        ("emodb=", "'emodb=' is not of the form NAME=FOLDER"),
        ("emodb:=/a", "'emodb:' is not of the form NAME or NAME:READER"),
        ("../emodb=/a", r"'\.\./emodb' cannot name a corpus"),
        ("a+b=/a", "'a\\+b' cannot name a corpus"),
        ("emodb=/a,emodb=/b", "emodb is named twice; two corpora of one kind need names"),
        ("emodb=/a,,b=/b", "is no list of corpora"),
        ({"emodb": "/a"}, "is no list of corpora"),
    ],
)
def test_what_is_wrong_on_the_command_line(text: object, said: str) -> None:
    with pytest.raises(ConfigError, match=f"--train_corpus.*{said}"):
        parse_sources("--train_corpus", text, {})


def test_undeclared_names_are_told_with_those_of_the_file() -> None:
    declared = {"emodb": make_source("--corpus", "emodb", Path("/a"))}
    with pytest.raises(ConfigError, match=r"where does ravdess lie.*the file of --corpora has emodb"):
        parse_sources("--test_corpus", "ravdess", declared)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is no file of corpora"),
        ("[1, 2]", "is no file of corpora"),
        ("a: b: c", "is no YAML"),
        ("emodb: /corpora/emodb", "emodb has no data_folder; an entry is emodb: {data_folder"),
        ("emodb: {data_folder: /a, folder: /b}", "emodb has 'folder'; an entry has reader, data_folder, options"),
        ("emodb: {data_folder: /a, options: 3}", "reader has to be a name and options a mapping"),
        ("a/b: {data_folder: /a}", "'a/b' cannot name a corpus"),
    ],
)
def test_what_is_wrong_in_a_file(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "corpora.yaml").write_text(content)
    with pytest.raises(ConfigError, match=f"corpora.yaml.*{said}"):
        read_sources(tmp_path / "corpora.yaml")


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none.yaml: cannot be read"):
        read_sources(tmp_path / "none.yaml")


def test_names_are_told_without_reading_anything() -> None:
    assert names_of("--train_corpus", "emodb=/a,chimera:iemocap=/b,c") == ["emodb", "chimera", "c"]


def test_readers_by_name_and_by_path(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"emodb", "iemocap"} <= set(reader_names()) and "manifest" not in reader_names()
    assert find_reader("emodb") is read_emodb
    module = types.ModuleType("my_corpora")
    module.read_mine = read_emodb  # type: ignore[attr-defined]
    module.number = 3  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "my_corpora", module)
    assert find_reader("my_corpora.read_mine") is read_emodb
    for name, said in {
        "emdb": "no reader 'emdb'; the nearest is 'emodb'",
        "zzzzz": "no reader 'zzzzz'; known are .*emodb",
        "my_corpora.nothing": "cannot be imported",
        "no_such_package.read": "cannot be imported",
        "my_corpora.number": "is no function",
    }.items():
        with pytest.raises(ConfigError, match=said):
            find_reader(name)
