"""Folders that are walked through."""

import os
from pathlib import Path

import pytest

from mtser.errors import MtserError
from mtser.files import walk


def test_a_folder_that_may_not_be_listed_is_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    listed = os.scandir

    def scandir(path: str) -> object:
        if os.path.basename(path) == "closed":
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(MtserError, match=r"closed: cannot be listed \(Permission denied\)"):
        list(walk(tmp_path))


def test_a_folder_that_is_gone_meanwhile_is_passed_over(tmp_path: Path) -> None:
    assert list(walk(tmp_path / "gone")) == []
    (tmp_path / "a").mkdir()
    found = walk(tmp_path)
    next(found)
    (tmp_path / "a").rmdir()
    assert list(found) == []
