from pathlib import Path

import pytest

from mtser.corpora.custom_files import NamedFiles


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with audio/a b.wav, which is the user's own, too."""
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "a b#1.wav").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "audio"))
    return tmp_path


def test_names_as_people_write_them(folder: Path) -> None:
    path = folder / "audio" / "a b#1.wav"
    files = NamedFiles(folder / "tables")
    url = path.as_posix().replace(" ", "%20")
    expected = {
        "../audio/a b#1.wav": "../audio/a b#1.wav",
        "..\\audio\\a b#1.wav": "../audio/a b#1.wav",
        str(path): str(path),
        "~/a b#1.wav": "~/a b#1.wav",
        "~\\a b#1.wav": "~/a b#1.wav",
        f"file://{url}": str(path),
        f"FILE://localhost{url}": str(path),
        f"file:{url.replace('#', '%23')}": str(path),
    }
    assert {name: files.find(name) for name in expected} == {
        name: (spelling, path, True) for name, spelling in expected.items()
    }


@pytest.mark.parametrize(
    "name", ["gone.wav", "audio\\gone.wav", "audio", "", ".", "caf\xe9/\xe9.wav", 300 * "x", "a\0b", "\xe9\0/a.wav"]
)
def test_a_file_that_is_not_there_is_told_by_the_first_place_looked_for(folder: Path, name: str) -> None:
    assert NamedFiles(folder).find(name) == (name, folder / name, False)


def test_a_name_with_backslashes_counts_as_it_is_where_there_is_one(folder: Path) -> None:
    (folder / "audio\\a.wav").touch()
    (folder / "audio" / "a.wav").touch()
    assert NamedFiles(folder).find("audio\\a.wav") == ("audio\\a.wav", folder / "audio\\a.wav", True)


@pytest.mark.parametrize("parts", [("\xe9", "o\u0308.wav"), ("e\u0301", "\xf6.wav"), ("e\u0301", "o\u0308.wav")])
def test_folders_and_files_in_either_unicode_form(tmp_path: Path, parts: tuple[str, str]) -> None:
    path = tmp_path.joinpath(*parts)
    path.parent.mkdir()
    path.touch()
    assert NamedFiles(tmp_path).find("\xe9/\xf6.wav") == ("\xe9/\xf6.wav", path, True)
