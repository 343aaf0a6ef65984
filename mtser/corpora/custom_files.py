"""The audio files that a table names, as people and their systems write names."""

import os
import re
import unicodedata
from pathlib import Path
from urllib.request import url2pathname

_FILE_URL = re.compile(r"file:(//[^/]*)?(?=/)", re.IGNORECASE)


class NamedFiles:
    r"""Finds the files that a table names.

    Names are relative to its folder, or absolute, or begin with ``~/`` (the user's folder) or ``file://``. Where there
    is no such file, the backslashes of Windows are tried as slashes. Letters with accents may be one character or two
    (Unicode's NFC and NFD: macOS writes the latter).

    Parameters
    ----------
    folder
        The table's.

    Example
    -------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "audio").mkdir()
    >>> (folder / "audio" / "a.wav").touch()
    >>> name, path, exists = NamedFiles(folder).find("audio\\a.wav")
    >>> name, path == folder / "audio" / "a.wav", exists
    ('audio/a.wav', True, True)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listings: dict[Path, dict[str, str]] = {}

    def find(self, name: str) -> tuple[str, Path, bool]:
        """Find a file.

        Returns
        -------
        str
            The name as it leads to the file.
        Path
            The file, else the first place where it was looked for.
        bool
            Whether there is such a file.
        """
        if url := _FILE_URL.match(name):
            name = url2pathname(name[url.end() :])
        names = dict.fromkeys((name, name.replace("\\", "/")))
        places = {one: self._place(one) for one in names}
        for one, place in places.items():
            if os.path.isfile(path := self._as_on_disk(place)):  # unlike Path.is_file, for any name and folder
                return one, path, True
        return name, places[name], False

    def _place(self, name: str) -> Path:
        if name.startswith("~/"):
            name = os.path.expanduser(name)
        return Path(os.path.abspath(self.folder / name))

    def _as_on_disk(self, path: Path) -> Path:
        """The path in the Unicode form that its folders and its file have; itself if there is no such file."""
        if str(path).isascii() or os.path.lexists(path):
            return path
        found = Path(path.anchor)
        for part in path.parts[1:]:
            found /= part if os.path.lexists(found / part) else self._listing(found).get(_composed(part), part)
        return found

    def _listing(self, folder: Path) -> dict[str, str]:
        """The names in a folder by their composed form."""
        if folder not in self._listings:
            try:
                self._listings[folder] = {_composed(name): name for name in os.listdir(folder)}
            except (OSError, ValueError):  # a name may hold a null byte
                self._listings[folder] = {}
        return self._listings[folder]


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
