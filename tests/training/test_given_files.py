"""What is told of the files that settings name."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mtser.errors import ConfigError
from mtser.training import given_files as module
from mtser.training.given_files import given_files
from tests.sweep.boards import write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_and_only_those_that_are_there(here: Path) -> None:
    write(here / "glove.txt", "a 1")
    write(here / "below/faces.csv", "b")
    settings = {
        "system": "full",
        "size": 3,
        "words.vectors": "./glove.txt",
        "third": ["x", str(here / "below/faces.csv")],
    }
    fold = {"lexicon.file": {"en": "below/faces.csv"}, "tuned": "By hand. " * 100, "sign": "a\0b", "none": None}
    assert given_files([settings, fold]) == {
        "./glove.txt": hashlib.sha256(b"a 1").hexdigest(),
        str(here / "below/faces.csv"): hashlib.sha256(b"b").hexdigest(),
        "below/faces.csv": hashlib.sha256(b"b").hexdigest(),
    }


def test_at_home(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("USERPROFILE", str(here))
    write(here / "v.txt", "a 1")
    assert list(given_files([{"vectors": "~/v.txt"}])) == ["~/v.txt"]


@pytest.mark.parametrize("text", [".", "..", "/", "full", "mtser.blocks"])
def test_folders_that_lie_there_by_chance(here: Path, text: str) -> None:
    write(here / "full/report.md", "")
    assert given_files([{"value": text}]) == {}


def test_a_file_that_is_called_like_a_setting(here: Path) -> None:
    """As of ``train.py hparams/full.yaml > full``."""
    write(here / "full", "a log")
    assert given_files([{"system": "full"}]) == {}


CHANGES: dict[str, Callable[[Path], object]] = {
    "another configuration": lambda model: write(model / "config.json", "[]"),
    "other weights of the same size": lambda model: write(model / "model.safetensors", "0.43"),
    "a file more": lambda model: write(model / "onnx/model.onnx", ""),
    "a file less": lambda model: (model / "vocab.txt").unlink(),
    "a file of another name": lambda model: (model / "vocab.txt").rename(model / "words.txt"),
    "another size of a large file": lambda model: write(model / "other.h5", "much more"),
}


@pytest.fixture
def model(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a model in which what has more than three letters counts as large."""
    monkeypatch.setattr(module, "_SMALL", 3)
    for name, text in [("config.json", "{}"), ("vocab.txt", "a"), ("model.safetensors", "0.42"), ("other.h5", "much")]:
        write(here / "my_model" / name, text)
    return here / "my_model"


@pytest.mark.parametrize("change", CHANGES)
def test_a_folder_is_told_by_what_is_in_it(model: Path, change: str) -> None:
    before = given_files([{"model": "my_model"}])
    CHANGES[change](model)
    assert len(before) == 1 and given_files([{"model": "my_model"}]).keys() == before.keys()
    assert given_files([{"model": "my_model"}]) != before


def test_where_a_folder_lies_and_when_it_was_copied_does_not_matter(model: Path, here: Path) -> None:
    before = given_files([{"model": "my_model"}])["my_model"]
    model.rename(here / "moved")
    os.utime(here / "moved/vocab.txt", (1, 1))
    write(here / "moved/.cache/state", "")
    (here / "moved/link").symlink_to("nowhere")
    write(here / "moved/other.h5", "MUCH")  # large and no weights: told by its size
    assert given_files([{"model": "./moved"}]) == {"./moved": before}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_one_sentence(here: Path) -> None:
    write(here / "v.txt", "a 1")
    (here / "v.txt").chmod(0)
    with pytest.raises(ConfigError, match=r"v\.txt: cannot be read \(Permission denied\)"):
        given_files([{"vectors": "v.txt"}])
