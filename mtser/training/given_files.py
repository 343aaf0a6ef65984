"""The files that a run's settings name, told by what is in them: word vectors, word features, folders of models."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mtser.errors import ConfigError
from mtser.files import file_hash, walk
from mtser.named_files import named_files

_SMALL = 64 << 20  # bytes
_WEIGHTS = (".safetensors", ".bin")


def given_files(each_settings: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The SHA-256 of every file and folder that a setting names and that is there.

    Which do, :func:`~mtser.named_files.named_files` tells. Of a folder it is that of its files' names and contents; of
    what is larger than 64 MB and holds no weights, the size stands for the content. Hidden files are passed over.

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
    MtserError
        If one cannot be read.

    Example
    -------
    >>> given_files([{"system": "full", "number_of_epochs": 3, "text_encoder.vectors": "nowhere.txt"}])
    {}
    """
    found = {}
    for text in named_files(value for settings in each_settings for value in settings.values()):
        path = Path(text).expanduser()
        try:
            found[text] = _folder_hash(path) if path.is_dir() else file_hash(path)
        except OSError as error:
            raise ConfigError(f"{error.filename or text}: cannot be read ({error.strerror}).") from error
    return found


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
