"""The reader of a corpus by its name, as a command line or a file gives it."""

import inspect
from collections.abc import Callable
from difflib import get_close_matches

from mtser import corpora
from mtser.configuration.dotted_path import function_at
from mtser.corpora.corpus import Corpus
from mtser.errors import ConfigError

Reader = Callable[..., Corpus]
GIVEN = ("audio_index", "progress")
"""Arguments of a reader that its caller gives, not the user."""
_PREFIX = "read_"
_NO_READERS = ("read_manifest",)


def reader_names() -> list[str]:
    """The corpora that mtser reads: ``mtser.corpora`` offers a function ``read_<name>`` for each.

    Example
    -------
    >>> {"emodb", "iemocap"} <= set(reader_names())
    True
    """
    found = [name for name in corpora.__all__ if name.startswith(_PREFIX) and name not in _NO_READERS]
    return sorted(name.removeprefix(_PREFIX) for name in found)


def find_reader(name: str) -> Reader:
    """The reader of a name, or of a dotted path (``my_package.corpora.read_my_corpus``).

    Raises
    ------
    ConfigError
        If there is none; the nearest name is told.

    Example
    -------
    >>> find_reader("emodb").__name__
    'read_emodb'
    """
    names = reader_names()
    if name in names:
        return getattr(corpora, f"{_PREFIX}{name}")
    if "." not in name:
        near = get_close_matches(name, names, n=1, cutoff=0.5)
        advice = f"the nearest is {near[0]!r}" if near else f"known are {', '.join(names)}"
        raise ConfigError(
            f"There is no reader {name!r}; {advice}. A reader of your own is given by its dotted path "
            "(my_package.corpora.read_my_corpus), a corpus under another name as NAME:READER."
        )
    return function_at(name, f"The reader {name!r}")


def options_of(reader: Reader) -> dict[str, inspect.Parameter]:
    """The keyword-only arguments of a reader that a user may set."""
    parameters = inspect.signature(reader).parameters.values()
    return {one.name: one for one in parameters if one.kind is one.KEYWORD_ONLY and one.name not in GIVEN}


def given(reader: Reader, **values: object) -> dict[str, object]:
    """Those of the values that the reader takes, of the arguments that its caller gives.

    Example
    -------
    >>> given(lambda data_folder, *, progress=True: None, audio_index=None, progress=False)
    {'progress': False}
    """
    parameters = inspect.signature(reader).parameters
    takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    return {name: value for name, value in values.items() if takes_all or name in parameters}


def name_of(reader: Reader) -> str:
    """What a reader is called, for messages.

    Example
    -------
    >>> name_of(find_reader("emodb"))
    'read_emodb'
    """
    return str(getattr(reader, "__name__", type(reader).__name__))
