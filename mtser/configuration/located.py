"""Classes by their dotted names, and sentences on why there is none, or why its module cannot be imported."""

import difflib
import importlib
import pkgutil
import pydoc
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from mtser.errors import ConfigError

_NOT_THE_USERS = {"hyperpyyaml", "mtser", "numpy", "ruamel", "torch"} | sys.stdlib_module_names


def locate(name: str) -> Any:
    """What a dotted name stands for.

    Raises
    ------
    ConfigError
        If there is no such thing, or its module cannot be imported.

    Example
    -------
    >>> locate("collections.OrderedDict")
    <class 'collections.OrderedDict'>
    >>> locate("collections.OrderdDict")
    Traceback (most recent call last):
    mtser.errors.ConfigError: There is no such class as collections.OrderdDict: collections has no OrderdDict; the ...
    """
    try:
        found = pydoc.locate(name)
    except pydoc.ErrorDuringImport as error:
        raise ConfigError(f"{not_imported(name, error)}.") from error
    if found is None:
        raise ConfigError(f"There is no such class as {name}{why_missing(name)}.")
    return found


def not_imported(name: str, error: pydoc.ErrorDuringImport) -> str:
    """Say what went wrong in whose module, with the file and the line; no full stop."""
    cause = error.value
    if isinstance(cause, SyntaxError) and cause.filename:
        where, what = f"{cause.filename}, line {cause.lineno}", cause.msg
    else:
        where, what = place_in(error.tb, whole_path=True), one_line(cause)
    return f"{name} cannot be imported: {type(cause).__name__}: {what}{f' ({where})' if where else ''}"


def why_missing(name: str) -> str:
    """Say which part of a dotted name does not exist and what is near, or what to do; no full stop."""
    parts = name.split(".")
    parent: Any = None
    for number, part in enumerate(parts):
        child = getattr(parent, part, None) if number else None
        if child is None:
            try:
                child = importlib.import_module(".".join(parts[: number + 1]))
            except Exception:  # whatever a module of the user's raises: the caller knows that the name leads nowhere
                break
        parent = child
    if len(parts) == 1:
        return f"; write the module that it is in before it (my_package.my_module.{name})"
    if parent is None:
        return f"; if it is yours, install its package, or set PYTHONPATH to the folder that holds {parts[0]}"
    known = [one for one in dir(parent) if not one.startswith("_")]
    known += [module.name for module in pkgutil.iter_modules(getattr(parent, "__path__", []))]
    near = difflib.get_close_matches(part, known, n=1, cutoff=0.6)
    return f": {'.'.join(parts[:number])} has no {part}{f'; the nearest is {near[0]}' if near else ''}"


def place_in(trace: TracebackType | None, *, whole_path: bool = False) -> str:
    """The innermost place in a file of the user's ("gated.py:37", or with the whole path), or an empty text."""
    place = ""
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.partition(".")[0] not in _NOT_THE_USERS:
            file, line = Path(trace.tb_frame.f_code.co_filename), trace.tb_lineno
            place = f"{file}, line {line}" if whole_path else f"{file.name}:{line}"
        trace = trace.tb_next
    return place


def one_line(error: BaseException | None) -> str:
    """The text of an error on one line, without a full stop."""
    return " ".join(str(error).split()).rstrip(".")
