"""Descriptions of strangers' models: read as data, built of classes from a list.

The text is parsed into bare nodes; no constructor of a YAML library runs. What stands for an object has the tag
``!new:`` (an instance) or ``!name:`` (the class, with arguments for later) and one of the listed names; every other
tag is refused, and so is what would take memory or time without end.
"""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mtser.errors import ModelError, MtserError
from mtser.inference.building import limited_modules, without_weights

MOST_BYTES = 1 << 20
MOST_NODES = 20_000
"""Of the description, each counted as often as it is referred to."""
MOST_DEPTH = 40
MOST_NUMBER = 1_000_000
MOST_CHARACTERS = 1000

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_STANDARD = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[+-]?\d+")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


def read_description(file: Path) -> Node:
    """Parse a description, and refuse what no description needs.

    Returns
    -------
    ruamel.yaml.nodes.Node
        Its root: nodes with tags and texts, nothing built.

    Raises
    ------
    ModelError
        That says in which line there is what.
    """
    try:
        data = file.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{file}: the description of the model cannot be read ({error}).") from error
    if len(data) > MOST_BYTES:
        raise ModelError(f"{file}: has {len(data)} bytes; a description of a model has {MOST_BYTES} at most.")
    try:
        _check_events(text, file)
        root = _yaml().compose(text)
    except YAMLError as error:
        raise ModelError(f"{file}: is no YAML ({' '.join(str(error).split())}).") from error
    if root is None:
        raise ModelError(f"{file}: is empty.")
    if (count := _count(root, {}, file)) > MOST_NODES:
        raise ModelError(
            f"{file}: its aliases stand for {count} values; a description of a model has {MOST_NODES} at most."
        )
    return root


class Builder:
    """Builds what a description describes.

    Parameters
    ----------
    file
        The description; messages name it.
    find
        Dotted name → class; raises ModelError for a name that is not on the list.
    check
        Called with each class and its arguments before it is built; raises ModelError. It may change the arguments.
    meta
        Whether a class is built without weights (:func:`~mtser.inference.building.without_weights`).

    Example
    -------
    >>> import tempfile, torch
    >>> file = Path(tempfile.mkdtemp()) / "model.yaml"
    >>> _ = file.write_text("model: !new:torch.nn.Linear {in_features: 2, out_features: 1}")
    >>> Builder(file, lambda name: torch.nn.Linear, lambda kind, arguments: None).build()["model"]
    Linear(in_features=2, out_features=1, bias=True)
    """

    def __init__(
        self,
        file: Path,
        find: Callable[[str], type],
        check: Callable[[type, dict[str, Any]], None],
        meta: Callable[[type], bool] = lambda kind: False,
    ) -> None:
        self.file = file
        self._find = find
        self._check = check
        self._meta = meta
        self._made: dict[int, Any] = {}

    def build(self) -> Any:
        """Read the file and build its root.

        Raises
        ------
        ModelError
            If anything in it is not allowed, or a class does not take its arguments.
        """
        root = read_description(self.file)
        self._check_tags(root, set())  # before anything is built
        with limited_modules(str(self.file)):
            return self._value(root)

    def _check_tags(self, node: Node, seen: set[int]) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        tag = str(node.tag)
        kind, _, name = tag.partition(":")
        if kind in ("!new", "!name") and name:
            self._find_at(node, name)
        elif not tag.startswith(_STANDARD) or tag.removeprefix(_STANDARD) not in _PLAIN_TAGS:
            raise self._refused(node, f"the tag {_shown(tag)} is not allowed in the description of a model")
        for child in _children(node):
            self._check_tags(child, seen)

    def _find_at(self, node: Node, name: str) -> type:
        try:
            return self._find(name)
        except ModelError as error:
            raise self._refused(node, str(error).rstrip(".")) from error

    def _value(self, node: Node) -> Any:
        """What a node stands for, made once however often it is referred to."""
        if id(node) in self._made:
            return self._made[id(node)]
        kind, _, name = str(node.tag).partition(":")
        if kind in ("!new", "!name"):
            value = self._object(node, kind, self._find_at(node, name))
        elif isinstance(node, MappingNode):
            value = self._mapping(node)
        elif isinstance(node, SequenceNode):
            value = [self._value(child) for child in node.value]
        else:
            value = self._scalar(node)
        self._made[id(node)] = value
        return value

    def _object(self, node: Node, kind: str, found: type) -> Any:
        arguments: dict[str, Any] = {}
        if isinstance(node, MappingNode):
            arguments = self._mapping(node)
        elif isinstance(node, SequenceNode) or node.value not in ("", "null", "~"):
            raise self._refused(node, f"{found.__name__} is given something else than named arguments")
        partial = kind == "!name"
        try:
            signature = inspect.signature(found)
            (signature.bind_partial if partial else signature.bind)(**arguments)
        except (TypeError, ValueError) as error:
            raise self._refused(node, f"{found.__name__} does not take these arguments ({error})") from error
        try:
            self._check(found, arguments)
            if partial:
                return functools.partial(found, **arguments) if arguments else found
            with without_weights() if self._meta(found) else nullcontext():
                return found(**arguments)
        except MtserError as error:
            raise self._refused(node, str(error).rstrip(".")) from error
        except Exception as error:  # whatever a constructor says about arguments that make no sense
            reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
            raise self._refused(node, f"{found.__name__} cannot be made ({reason})") from error

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if not _KEY.fullmatch(name):
                raise self._refused(key, f"{_shown(str(key.value))} is no name")
            if name in found:
                raise self._refused(key, f"{name} is there twice")
            found[name] = self._value(value)
        return found

    def _scalar(self, node: Node) -> Any:
        text, tag = str(node.value), str(node.tag).removeprefix(_STANDARD)
        if len(text) > MOST_CHARACTERS:
            raise self._refused(node, f"a text of {len(text)} characters is too long")
        if tag == "str":
            return text
        if tag in ("null", "bool"):
            if text.lower() in _WORDS:
                return _WORDS[text.lower()]
            raise self._refused(node, f"{_shown(text)} is neither true, false nor null")
        try:
            value: Any = int(text) if tag == "int" and _INTEGER.fullmatch(text) else float(text)
        except ValueError as error:
            raise self._refused(node, f"{_shown(text)} is no number") from error
        if not abs(value) <= MOST_NUMBER:
            raise self._refused(node, f"the number {_shown(text)} is too large for a model")
        return value

    def _refused(self, node: Node, reason: str) -> ModelError:
        return ModelError(f"{self.file}, line {node.start_mark.line + 1}: {reason}.")


_PLAIN_TAGS = {"map", "seq", "str", "int", "float", "bool", "null"}


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)  # only its parser and composer are used


def _check_events(text: str, file: Path) -> None:
    """Depth and number of what is written, before the composer, which calls itself, sees it."""
    depth = 0
    for count, event in enumerate(_yaml().parse(text)):
        if isinstance(event, CollectionStartEvent):
            depth += 1
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        line = event.start_mark.line + 1
        if depth > MOST_DEPTH:
            raise ModelError(f"{file}, line {line}: is nested deeper than {MOST_DEPTH}.")
        if count > 2 * MOST_NODES:
            raise ModelError(f"{file}, line {line}: has more than {MOST_NODES} values.")


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _count(node: Node, found: Mapping[int, int | None], file: Path) -> int:
    """How many values a node stands for, each counted as often as it is referred to."""
    counts: dict[int, int | None] = found  # type: ignore[assignment]
    if id(node) in counts:
        known = counts[id(node)]
        if known is None:
            raise ModelError(f"{file}, line {node.start_mark.line + 1}: refers to itself.")
        return known
    counts[id(node)] = None
    total = 1 + sum(_count(child, counts, file) for child in _children(node))
    counts[id(node)] = total
    return total


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")
