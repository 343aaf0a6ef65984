"""The folder of a stranger's model: files are read from inside of it alone."""

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mtser.errors import ModelError

_PART = re.compile(r"[\w+-][\w.+-]*")  # as FOLDER_NAME of the folds
_MOST_JSON = 64 << 20


def file_name(name: str) -> str:
    """A name with which a file may lie in such a folder.

    Example
    -------
    >>> file_name("mini lm (v2).txt"), file_name(".hidden")
    ('mini_lm__v2_.txt', '_.hidden')
    """
    plain = re.sub(r"[^\w.+-]", "_", name)
    return plain if _PART.fullmatch(plain) else f"_{plain}"


class DataFolder:
    """A folder and the files in it.

    Parameters
    ----------
    path
        The folder.
    root
        Where links in it may lead; default: nowhere but into it. (The hub's cache keeps files beside its folders.)
    """

    def __init__(self, path: Path, root: Path | None = None) -> None:
        self.path = path
        self._root = (root or path).resolve()

    def file(self, name: Any) -> Path:
        """A file or folder in the folder.

        Raises
        ------
        ModelError
            If it is not there, or not in the folder.

        Example
        -------
        >>> DataFolder(Path("model")).file("../secret")
        Traceback (most recent call last):
        mtser.errors.ModelError: model: names the file '../secret', which lies outside of the folder.
        """
        parts = PurePosixPath(str(name)).parts
        if not isinstance(name, str) or not parts or not all(_PART.fullmatch(part) for part in parts):
            raise ModelError(f"{self.path}: names the file {name!r}, which lies outside of the folder.")
        found = self.path.joinpath(*parts)
        if not found.exists():
            raise ModelError(f"{found}: is missing; the folder of the model is not whole.")
        if not found.resolve().is_relative_to(self._root):
            raise ModelError(f"{self.path}: the file {name!r} is a link that leads out of the folder.")
        return found

    def json(self, name: str) -> dict[str, Any]:
        """The object in a JSON file.

        Raises
        ------
        ModelError
            If it is missing or damaged.
        """
        file = self.file(name)
        try:
            if file.stat().st_size > _MOST_JSON:
                raise ModelError(f"{file}: is too large.")
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"{file}: is damaged ({error}).") from error
        if not isinstance(content, dict):
            raise ModelError(f"{file}: is damaged (no object of names and values).")
        return content

    def check_links(self) -> None:
        """Refuse links that lead out of the folder, wherever they lie in it."""
        for path in self.path.rglob("*"):
            if path.is_symlink() and not path.resolve().is_relative_to(self._root):
                raise ModelError(f"{self.path}: {path.relative_to(self.path)} is a link that leads out of the folder.")
