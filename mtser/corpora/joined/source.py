"""Where a corpus comes from: its name, its reader, its folder, as a command line or a file of corpora gives them.

On a command line a corpus is ``NAME=FOLDER`` (``emodb=/corpora/emodb``) or, under a name of its own,
``NAME:READER=FOLDER`` (``chimera:iemocap=/corpora/chimera``). The long form is a YAML file::

    emodb:
      data_folder: /corpora/emodb
    chimera:
      reader: iemocap
      data_folder: chimera
      options: {unaligned: even}

with ``reader`` (default: the name; or a dotted path), ``data_folder`` (relative to the file) and ``options`` of the
reader. Corpora that such a file describes are named on the command line by their names alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mtser.configuration import read_names
from mtser.errors import ConfigError

_NAME = re.compile(r"\w[\w.-]*")
_ENTRIES = ("reader", "data_folder", "options")


@dataclass(frozen=True)
class Source:
    """Where a corpus comes from.

    Parameters
    ----------
    name
        What it is called in ids and results.
    reader
        The name of a reader of mtser, or a dotted path.
    data_folder
        Where it lies.
    options
        Keyword arguments for the reader.
    """

    name: str
    reader: str
    data_folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)


def read_sources(path: str | Path) -> dict[str, Source]:
    """Read a file of corpora: name → source.

    Raises
    ------
    ConfigError
        If the file is missing or an entry of it is wrong.
    """
    path = Path(path)
    sources = {}
    for name, entry in read_names(path, str(path), "is no file of corpora; it has to map names to values").items():
        _check_name(f"{path}", name)
        if not isinstance(entry, dict) or not isinstance(entry.get("data_folder"), str):
            raise ConfigError(f"{path}: {name} has no data_folder; an entry is {name}: {{data_folder: /corpora/...}}.")
        if unknown := sorted(map(str, entry.keys() - set(_ENTRIES))):
            raise ConfigError(f"{path}: {name} has {unknown[0]!r}; an entry has {', '.join(_ENTRIES)}.")
        reader, options = entry.get("reader", name), entry.get("options") or {}
        if not isinstance(reader, str) or not isinstance(options, dict):
            raise ConfigError(f"{path}: of {name}, reader has to be a name and options a mapping.")
        sources[name] = Source(name, reader, path.parent / Path(entry["data_folder"]).expanduser(), dict(options))
    return sources


def parse_sources(option: str, text: object, declared: Mapping[str, Source]) -> tuple[Source, ...]:
    """Take a list of corpora on the command line apart.

    Parameters
    ----------
    option
        Which, for messages (``--train_corpus``).
    text
        ``emodb=/corpora/emodb,ravdess=/corpora/RAVDESS``, or names of ``declared``.
    declared
        Of :func:`read_sources`.

    Raises
    ------
    ConfigError
        If an entry cannot be read, names an unknown corpus, or stands twice.

    Example
    -------
    >>> (source,) = parse_sources("--test_corpus", "chimera:iemocap=/corpora/chimera", {})
    >>> source.name, source.reader, source.data_folder.as_posix()
    ('chimera', 'iemocap', '/corpora/chimera')
    """
    sources = [_parse(option, part, declared) for part in _parts(option, text)]
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"{option}: {name} is named twice; two corpora of one kind need names: NAME:READER=FOLDER."
            )
    return tuple(sources)


def names_of(option: str, text: object) -> list[str]:
    """The names of the corpora in such a list, without looking for them.

    Example
    -------
    >>> names_of("--train_corpus", "emodb=/corpora/emodb,chimera:iemocap=/corpora/chimera,mine")
    ['emodb', 'chimera', 'mine']
    """
    return [part.partition("=")[0].partition(":")[0].strip() for part in _parts(option, text)]


def _parts(option: str, text: object) -> list[str]:
    parts = [part.strip() for part in str(text).split(",")]
    if not isinstance(text, str) or not all(parts):
        raise ConfigError(
            f"{option}: {text!r} is no list of corpora such as emodb=/corpora/emodb,ravdess=/corpora/RAVDESS."
        )
    return parts


def _parse(option: str, part: str, declared: Mapping[str, Source]) -> Source:
    before, equals, folder = part.partition("=")
    name, colon, _ = (one.strip() for one in before.partition(":"))
    _check_name(option, name)
    if not equals:
        if name in declared and not colon:
            return declared[name]
        known = (
            f"the file of --corpora has {', '.join(declared)}"
            if declared
            else "or describe it in a file: --corpora FILE"
        )
        raise ConfigError(f"{option}: where does {name} lie? Give {before}=FOLDER; {known}.")
    if not folder.strip():
        raise ConfigError(f"{option}: {part!r} is not of the form NAME=FOLDER or NAME:READER=FOLDER.")
    return make_source(option, before, Path(folder.strip()))


def make_source(option: str, name_and_reader: str, data_folder: Path) -> Source:
    """The source of ``NAME`` or ``NAME:READER`` in a folder.

    Raises
    ------
    ConfigError
        If that cannot name a corpus.

    Example
    -------
    >>> make_source("--corpus", "chimera:iemocap", Path("/corpora/chimera")).reader
    'iemocap'
    """
    name, colon, reader = (one.strip() for one in name_and_reader.partition(":"))
    _check_name(option, name)
    if colon and not reader:
        raise ConfigError(f"{option}: {name_and_reader!r} is not of the form NAME or NAME:READER.")
    return Source(name, reader or name, data_folder.expanduser())


def _check_name(where: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: {name!r} cannot name a corpus; use letters, digits and any of _ . - .")
