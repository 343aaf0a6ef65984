"""Which of a system's settings name files and folders of the user: word vectors, word features, models."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any


def named_files(settings: Iterable[Any]) -> list[str]:
    """The texts among values that name a file or a folder that is there; relative ones from the working directory.

    A path has a slash or a dot. Words without (``full``, ``mean``) count only as folders that hold a model: whatever
    else is called so lies there by chance. The working directory and what it lies in are signs (".", "/"), too.

    Parameters
    ----------
    settings
        The values of a YAML file, lists and mappings among them.

    Returns
    -------
    list
        As they are written, each once.

    Example
    -------
    >>> named_files(["full", 3, ["nowhere/vectors.txt", None], "."])
    []
    """
    return [text for text in dict.fromkeys(_texts(list(settings))) if _is_meant(text)]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _is_meant(text: str) -> bool:
    path = os.path.expanduser(text)
    looks_so = any(sign in text for sign in ("/", os.sep, "."))
    if os.path.isfile(path):  # not what is longer than a name can be either
        return looks_so
    if not os.path.isdir(path):
        return False
    here = Path.cwd()
    return Path(path).resolve() not in (here, *here.parents) and (looks_so or os.path.isfile(f"{path}/config.json"))
