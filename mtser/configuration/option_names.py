"""The names that an override may have, and the nearest of them to one that does not exist."""

import difflib
import inspect
import pydoc
from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from mtser.configuration.tags import tag_of

CALLING = ("!new", "!name", "!apply")
"""The tags that name what takes arguments."""


def nearest(name: str, names: Iterable[str]) -> str:
    """Say "; the nearest is --x", or nothing if none is near.

    Example
    -------
    >>> nearest("sead", ["seed", "model"])
    '; the nearest is --seed'
    """
    names = list(names)
    block, _, part = name.rpartition(".")
    inside = [candidate for candidate in names if candidate.rpartition(".")[0] == block]
    found = difflib.get_close_matches(name, inside if block and inside else names, n=1, cutoff=0.6)
    if not found:  # a nested name is also found by its last part alone
        last = {candidate.rpartition(".")[2]: candidate for candidate in reversed(names)}
        found = [last[part] for part in difflib.get_close_matches(part, last, n=1, cutoff=0.7)]
    if not found:  # options are never abbreviated, but what an abbreviation means is easily guessed
        found = [candidate for candidate in names if name and candidate.startswith(name)][:1]
    return f"; the nearest is --{found[0]}" if found else ""


def option_names(tree: Any, prefix: str = "") -> list[str]:
    """Every dotted name of a tree; for a class also the arguments that the file leaves at their defaults.

    The items of a list are counted from 0.
    """
    names = []
    if isinstance(tree, CommentedMap):
        for name in [*tree, *unset_arguments(tree)]:
            names.append(f"{prefix}{name}")
            names += option_names(tree.get(name), f"{prefix}{name}.")
    elif isinstance(tree, CommentedSeq):
        for index, value in enumerate(tree):
            names.append(f"{prefix}{index}")
            names += option_names(value, f"{prefix}{index}.")
    return names


def unset_arguments(node: CommentedMap) -> list[str]:
    """Keyword arguments of the class or function that a ``!new:`` or ``!name:`` node names, less those it sets."""
    kind, _, path = tag_of(node).partition(":")
    if kind not in CALLING:
        return []
    try:
        callable_ = pydoc.locate(path)
        parameters: Mapping[str, inspect.Parameter] = inspect.signature(callable_).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError, pydoc.ErrorDuringImport):  # building it will tell
        return []
    usual = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [name for name, parameter in parameters.items() if parameter.kind in usual and name not in node]
