"""Overrides by dotted name: each must exist, and each replaces what was there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from mtser.configuration.located import locate
from mtser.configuration.option_names import CALLING, nearest, option_names, unset_arguments
from mtser.configuration.tags import INCLUDE, tag_of
from mtser.configuration.tree import read_tree
from mtser.errors import ConfigError

_ENDINGS = (".yaml", ".yml")


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
    if key is None and isinstance(node, CommentedMap):
        _check_class(node, name)
        key = last if last in unset_arguments(node) else None
    return None if key is None else (node, key)


def _block(tree: CommentedMap, name: str, old: Any, file: Path) -> CommentedMap:
    """The content of a block file, if it describes an object where one has to be."""
    kind = tag_of(old).partition(":")[0]
    if kind not in CALLING or tag_of(tree):
        return tree
    last = name.rpartition(".")[2]
    if last in tree and tag_of(tree[last]):
        raise ConfigError(
            f"{file}: begins with {last}:, but a block file holds the block alone; write {tag_of(tree[last])} into "
            f"its first line, and the values below it without indentation (--{name})."
        )
    raise ConfigError(
        f"{file}: has no tag, so it describes no object; write {kind}:my_package.my_module.MyClass into its first line "
        f"(--{name}; what it would replace is {tag_of(old)})."
    )


def block_file(text: str, folder: Path) -> Path | None:
    """The file that the value of an override names; None if it names none, or none that exists."""
    found = (file for file in _places(text, folder) if file.is_file())
    return next(found, None) if text.endswith(_ENDINGS) else None


def _places(text: str, folder: Path) -> list[Path]:
    text = text.removeprefix(INCLUDE)  # as it would stand in a file
    return [folder / text, folder.parent / text, Path(text)]


def _value(name: str, text: str, old: Any, folder: Path) -> Any:
    if text.endswith(_ENDINGS):
        file = block_file(text, folder)
        if file is not None:
            return _block(read_tree(file), name, old, file)
        places = ", ".join(map(str, _places(text, folder)))
        raise ConfigError(f"--{name}: there is no file {text.removeprefix(INCLUDE)} (looked for {places}).")
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


def _check_class(node: CommentedMap, name: str) -> None:
    """Say so if the arguments of a class cannot be known because there is no such class."""
    kind, _, path = tag_of(node).partition(":")
    if kind in CALLING:
        try:
            locate(path)
        except ConfigError as error:
            raise ConfigError(f"--{name}: {error}") from error


def _unknown(name: str, tree: CommentedMap, others: Sequence[str]) -> ConfigError:
    return ConfigError(f"there is no option --{name}{nearest(name, [*others, *option_names(tree)])}.")
