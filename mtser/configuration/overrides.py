"""Overrides by dotted name: each must exist, and each replaces what was there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from mtser.configuration.option_names import nearest, option_names, unset_arguments
from mtser.configuration.tags import INCLUDE, tag_of
from mtser.configuration.tree import read_tree
from mtser.errors import ConfigError


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
    if key is None and isinstance(node, CommentedMap) and last in unset_arguments(node):
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


def _unknown(name: str, tree: CommentedMap, others: Sequence[str]) -> ConfigError:
    return ConfigError(f"there is no option --{name}{nearest(name, [*others, *option_names(tree)])}.")
