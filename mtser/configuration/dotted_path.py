"""Classes and functions of the user's, named by a dotted path."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from mtser.errors import ConfigError, MtserError


def made_by_path(path: str, kind: type, unknown: str) -> Any:
    """An object of a class that a dotted path names; made without arguments.

    Parameters
    ----------
    path
        "package.module.Class".
    kind
        What the class has to be derived from.
    unknown
        What the error says if the path is no dotted path at all.

    Raises
    ------
    ConfigError
        If there is no such class, or it is none of ``kind``.

    Example
    -------
    >>> made_by_path("collections.OrderedDict", dict, "there is no such thing.")
    OrderedDict()
    >>> made_by_path("collections.Counted", dict, "there is no such thing.")
    Traceback (most recent call last):
    mtser.errors.ConfigError: there is no such thing; as a dotted path it leads nowhere (module 'collections' has no ...
    """
    module, dot, name = path.rpartition(".")
    if not dot or not all(part.isidentifier() for part in path.split(".")):
        raise ConfigError(unknown)
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{unknown.rstrip('.')}; as a dotted path it leads nowhere ({error}).") from error
    if not (inspect.isclass(found) and issubclass(found, kind)):
        raise ConfigError(f"{path} is no class derived from {kind.__module__}.{kind.__name__}.")
    try:
        return found()
    except TypeError as error:
        raise ConfigError(f"{path} cannot be made without arguments ({error}).") from error


def function_at(path: str, what: str, error: type[MtserError] = ConfigError) -> Callable[..., Any]:
    """The function that a dotted path names.

    Parameters
    ----------
    path
        "package.module.function".
    what
        How errors begin: "The reader 'package.module.function'".
    error
        Of which kind they are.

    Raises
    ------
    MtserError
        If it cannot be imported (of a syntax error: with file and line), or is no function.

    Example
    -------
    >>> function_at("math.sqrt", "The root")(4)
    2.0
    >>> function_at("math.pi", "The root")
    Traceback (most recent call last):
    mtser.errors.ConfigError: The root is no function.
    """
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except SyntaxError as cause:
        raise error(f"{what} cannot be imported: {cause.filename}, line {cause.lineno}: {cause.msg}.") from cause
    except (ImportError, AttributeError, ValueError) as cause:
        raise error(f"{what} cannot be imported: {cause}.") from cause
    if not callable(found):
        raise error(f"{what} is no function.")
    return found
