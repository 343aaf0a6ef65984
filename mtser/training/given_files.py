"""The files that a run's settings name, told by what is in them: word vectors, word features, folders of models."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mtser.errors import ConfigError
from mtser.files import file_hash, walk

_SMALL = 64 << 20  # bytes
_WEIGHTS = (".safetensors", ".bin")


def given_files(each_settings: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The SHA-256 of every file and folder that a setting names and that is there.

    Of a folder it is that of its files' names and contents; of what is larger than 64 MB and holds no weights, the size
    stands for the content. A folder that is named by a word without slash or dot counts if it holds a model: others of
    that name lie there by chance. Hidden files are passed over.

    Files that options of the corpus reader name are not asked for: what is read of them is in the corpus's manifest.

    Parameters
    ----------
    each_settings
        Dotted name → value (``Hyperparameters.flat``), of the run and of folds with settings of their own.

    Returns
    -------
    dict
        Path, as the setting has it → hash.

    Raises
    ------
    ConfigError
        If one cannot be read.

    Example
    -------
    >>> given_files([{"system": "full", "number_of_epochs": 3, "text_encoder.vectors": "nowhere.txt"}])
    {}
    """
    texts = dict.fromkeys(text for settings in each_settings for text in _texts(list(settings.values())))
    found = {}
    for text in texts:
        path = os.path.expanduser(text)
        try:
            if os.path.isfile(path):
                found[text] = file_hash(Path(path))
            elif os.path.isdir(path) and _is_meant(text, Path(path)):
                found[text] = _folder_hash(Path(path))
        except OSError as error:
            raise ConfigError(f"{error.filename or text}: cannot be read ({error.strerror}).") from error
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _is_meant(text: str, folder: Path) -> bool:
    """Whether a folder is what a setting means; "." and "/" are signs more often than folders."""
    here = Path.cwd()
    if folder.resolve() in (here, *here.parents):
        return False
    return "/" in text or os.sep in text or "." in text or (folder / "config.json").is_file()


def _folder_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for parent, folders, names in walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__pycache__"))]
        paths = (Path(parent, name) for name in names if not name.startswith("."))
        for path in (path for path in paths if path.is_file()):  # and no link to nowhere
            in_full = path.suffix in _WEIGHTS or path.stat().st_size <= _SMALL
            content = file_hash(path) if in_full else str(path.stat().st_size)
            digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
