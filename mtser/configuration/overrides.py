"""Overrides by dotted name: each must exist, and each replaces what was there."""

import difflib
import inspect
import pydoc
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from mtser.configuration.tree import INCLUDE, read_tree, tag_of
from mtser.errors import ConfigError


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
        for name in [*tree, *_unset_arguments(tree)]:
            names.append(f"{prefix}{name}")
            names += option_names(tree.get(name), f"{prefix}{name}.")
    elif isinstance(tree, CommentedSeq):
        for index, value in enumerate(tree):
            names.append(f"{prefix}{index}")
            names += option_names(value, f"{prefix}{index}.")
    return names


def apply_override(tree: CommentedMap, name: str, text: str, folder: Path, others: Sequence[str] = ()) -> None:
    """Put a value in the place of what ``name`` names.

    Parameters
    ----------
    tree
        Of the whole file, includes inlined; changed in place.
    name
        Dotted; a number counts the items of a list.
    text
        The value as YAML, tags and all, or a ``.yaml`` file that replaces a block.
    folder
        Of the main file, where block files are looked for first.
    others
        Names of other options of a command line, which may be what a misspelt name was meant to be.

    Raises
    ------
    ConfigError
        If the name does not exist, or the value is no YAML.
    """
    place = _place(tree, name)
    if place is None:
        raise _unknown(name, tree, others)
    node, key = place
    old = node[key] if isinstance(node, CommentedSeq) or key in node else None
    node[key] = _value(name, text, old, folder)


def has_option(tree: CommentedMap, name: str) -> bool:
    """Whether :func:`apply_override` finds what ``name`` names."""
    return _place(tree, name) is not None


def _place(tree: CommentedMap, name: str) -> tuple[Any, Any] | None:
    """The node that holds what ``name`` names, and the key there."""
    *path, last = name.split(".")
    node: Any = tree
    for part in path:
        key = _key(node, part)
        if key is None or not isinstance(node[key], CommentedMap | CommentedSeq):
            return None
        node = node[key]
    key = _key(node, last)
    if key is None and isinstance(node, CommentedMap) and last in _unset_arguments(node):
        key = last
    return None if key is None else (node, key)


def _value(name: str, text: str, old: Any, folder: Path) -> Any:
    if text.endswith((".yaml", ".yml")):
        text = text.removeprefix(INCLUDE)  # as it would stand in a file
        places = [folder / text, folder.parent / text, Path(text)]
        for file in places:
            if file.is_file():
                return read_tree(file)
        raise ConfigError(f"--{name}: there is no file {text} (looked for {', '.join(map(str, places))}).")
    try:
        value = YAML().load(text)
    except YAMLError as error:
        raise ConfigError(f"--{name}: {text!r} is no YAML: {' '.join(str(error).split())}") from error
    if (
        isinstance(old, CommentedMap)
        and not isinstance(value, CommentedMap)
        and not tag_of(value)
        and value is not None
    ):
        raise ConfigError(
            f"--{name} is a block: replace it by a .yaml file or by '!new:some.Class {{...}}', or set one of its "
            f"values, for example --{name}.{next(iter(old), '...')}; {text!r} is none of these."
        )
    return value


def _key(node: Any, part: str) -> Any:
    if isinstance(node, CommentedMap):
        return part if part in node else None
    if isinstance(node, CommentedSeq) and part.isdecimal() and int(part) < len(node):
        return int(part)
    return None


def _unset_arguments(node: CommentedMap) -> list[str]:
    """Keyword arguments of the class or function that a ``!new:`` or ``!name:`` node names, less those it sets."""
    kind, _, path = tag_of(node).partition(":")
    if kind not in ("!new", "!name", "!apply"):
        return []
    try:
        callable_ = pydoc.locate(path)
        parameters: Mapping[str, inspect.Parameter] = inspect.signature(callable_).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError, pydoc.ErrorDuringImport):  # building it will tell
        return []
    usual = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [name for name, parameter in parameters.items() if parameter.kind in usual and name not in node]


def _unknown(name: str, tree: CommentedMap, others: Sequence[str]) -> ConfigError:
    return ConfigError(f"there is no option --{name}{nearest(name, [*others, *option_names(tree)])}.")
