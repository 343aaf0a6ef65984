"""A YAML file as a tree that keeps its tags, with every ``!include:`` in place."""

from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode

from mtser.configuration.including import put_values
from mtser.configuration.tags import INCLUDE, tag_of
from mtser.errors import ConfigError


def read_tree(file: Path, included_from: tuple[Path, ...] = ()) -> CommentedMap:
    """Read a YAML file, with the files that it includes (relative to the one that names them) in their places.

    Values under an ``!include:`` stand in the place of those of the included file, as in stock HyperPyYAML.

    Raises
    ------
    ConfigError
        If a file is missing, is no YAML mapping, or includes itself, or if a value under an ``!include:`` has no place.
    """
    if file.resolve() in included_from:
        raise ConfigError(f"{file}: includes itself.")
    try:
        tree = YAML().load(file.read_text(encoding="utf-8"))
    except OSError as error:
        by = f", which {included_from[-1]} includes" if included_from else ""
        raise ConfigError(f"{file}{by}: cannot be read ({error.strerror}).") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: is no YAML: {_given_twice(file) or ' '.join(str(error).split())}") from error
    if not isinstance(tree, CommentedMap):
        raise ConfigError(f"{file}: is no YAML mapping of names to values{_instead_of(tree)}.")
    return _inline(tree, file, (*included_from, file.resolve()))


def _given_twice(file: Path) -> str:
    """Say which name stands twice in a mapping: of one with a tag ruamel tells only that it cannot make it."""
    try:
        nodes: list[Any] = [YAML().compose(file.read_text(encoding="utf-8"))]
    except (YAMLError, UnicodeDecodeError):
        return ""
    while nodes:
        node = nodes.pop()
        lines: dict[str, int] = {}
        for key, value in node.value if isinstance(node, MappingNode) else ():
            line = key.start_mark.line + 1
            if (first := lines.setdefault(str(key.value), line)) != line:
                return f"{key.value} is given twice, in line {first} and in line {line}."
            nodes.append(value)
        nodes += node.value if isinstance(node, SequenceNode) else []
    return ""


def _instead_of(tree: Any) -> str:
    tag = tag_of(tree)
    if tag.startswith(INCLUDE):
        return f"; name the file {tag[len(INCLUDE) :]} itself"
    return f"; write {tag} {{}}, with braces behind the tag, for a block without values" if tag else ""


def _inline(node: Any, file: Path, trail: tuple[Path, ...]) -> Any:
    included = _included(node, file) if tag_of(node).startswith(INCLUDE) else None
    if included and not isinstance(node, CommentedMap):
        if isinstance(node, CommentedSeq) or getattr(node, "value", None) not in (None, ""):
            raise ConfigError(f"{file}: what stands under {tag_of(node)} has to be a mapping of names to values.")
        return read_tree(included, trail)
    if isinstance(node, CommentedMap):
        for name, value in node.items():
            node[name] = _inline(value, file, trail)
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            node[index] = _inline(value, file, trail)
    if included:
        tree = read_tree(included, trail)
        put_values(tree, node, f"{file}, under {tag_of(node)}")
        return tree
    return node


def file_of(file: Path, path: Sequence[str]) -> Path:
    """The file that a block is from, which the names of ``path`` lead to, as far as ``!include:`` leads."""
    node = YAML().load(file.read_text(encoding="utf-8"))
    for number, name in enumerate(path):
        if tag_of(node).startswith(INCLUDE):
            return file_of(_included(node, file), path[number:])
        if isinstance(node, CommentedMap):
            node = node.get(name)
        else:
            node = node[int(name)] if isinstance(node, CommentedSeq) and name.isdecimal() else None
    alone = tag_of(node).startswith(INCLUDE) and not isinstance(node, CommentedMap)
    return file_of(_included(node, file), ()) if alone else file


def _included(node: Any, file: Path) -> Path:
    return file.parent / tag_of(node)[len(INCLUDE) :]


def dump(tree: Any) -> str:
    """The tree as YAML text."""
    _unfold(tree)
    text = StringIO()
    yaml = YAML()
    yaml.width = 4096  # a folded line would be hard to compare
    yaml.dump(tree, text)
    return text.getvalue()


def _unfold(node: Any) -> None:
    """Put lists that hold tagged mappings on lines of their own: in ``[!new:X {a: 1}]`` ruamel loses the braces."""
    for value in node.values() if isinstance(node, CommentedMap) else node if isinstance(node, CommentedSeq) else ():
        if isinstance(node, CommentedSeq) and isinstance(value, CommentedMap) and tag_of(value):
            node.fa.set_block_style()
        _unfold(value)


def plain(node: Any) -> Any:
    """The node with ordinary dictionaries, lists and numbers; a tagged scalar as its text."""
    if isinstance(node, Mapping):
        return {str(name): plain(value) for name, value in node.items()}
    if isinstance(node, list | tuple):
        return [plain(value) for value in node]
    if tag_of(node):
        return f"{tag_of(node)} {getattr(node, 'value', '') or ''}".strip()
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
