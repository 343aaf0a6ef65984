"""Making the objects that a YAML text describes, with the mistakes in classes of the user's told in a sentence."""

import pydoc
from collections.abc import Callable, Sequence
from io import StringIO
from types import TracebackType
from typing import Any

from hyperpyyaml import load_hyperpyyaml, resolve_references
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from mtser.configuration.located import not_imported, one_line, place_in, why_missing
from mtser.errors import ConfigError, MtserError

_OF_CONSTRUCTORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    pydoc.ErrorDuringImport,
)

_OF_HYPERPYYAML = ("There is no such ", "!new:", "!name:", "!apply:", "!module:", "Cannot pass args to module")


def build(text: str, file_of: Callable[[Sequence[str]], object]) -> dict[str, Any]:
    """Make every object of a HyperPyYAML text.

    Parameters
    ----------
    text
        With includes inlined.
    file_of
        The names that lead to a block in the text → the file that errors shall name.

    Raises
    ------
    ConfigError
        If a class does not exist, does not take an argument, or fails otherwise: with the class and the innermost
        place in a file of the user's.
    MtserError
        What the classes raise themselves, with the file before it.
    """
    try:
        return load_hyperpyyaml(StringIO(text))
    except MtserError as error:
        raise type(error)(f"{file_of(_path(text, error))}: {error}") from error
    except (*_OF_CONSTRUCTORS, YAMLError) as error:
        raise ConfigError(f"{file_of(_path(text, error))}: {_sentence(error)}.") from error


def _constructing(error: BaseException) -> TracebackType | None:
    """The traceback from HyperPyYAML's innermost call on that makes something of a tag."""
    found, trace = None, error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_globals.get("__name__") == "hyperpyyaml.core" and "callable_string" in frame.f_locals:
            found = trace
        trace = trace.tb_next
    return found


def _sentence(error: BaseException) -> str:
    trace = _constructing(error)
    if trace is None:
        return one_line(error)
    name = trace.tb_frame.f_locals["callable_string"]
    if isinstance(error, pydoc.ErrorDuringImport):
        return not_imported(name, error)
    what = one_line(error)
    if isinstance(error, TypeError):  # every class around it has put a part before it
        what = "; ".join(str(part) for part in error.args if not str(part).startswith("Invalid argument to "))
        what = " ".join(what.split()).rstrip(".")
    elif trace.tb_next is None and what.startswith(_OF_HYPERPYYAML):
        return what + (why_missing(name) if what.startswith("There is no such") else "")
    verb = "called" if trace.tb_frame.f_code.co_name == "_apply_function" else "made"
    told = f"{name} cannot be {verb}: {type(error).__name__}"
    place = place_in(trace)
    return told + (f": {what}" if what else "") + (f" ({place})" if place else "")


def _path(text: str, error: BaseException) -> tuple[str, ...]:
    """The names that lead to the block that failed; none if that cannot be told."""
    trace = _constructing(error)
    if trace is None or not isinstance(node := trace.tb_frame.f_locals.get("node"), Node):
        return ()
    root = YAML().compose(resolve_references(StringIO(text)))  # the text that load_hyperpyyaml has read
    return _path_to(root, str(node.tag), node.start_mark.index) or ()


def _path_to(node: Node, tag: str, index: int) -> tuple[str, ...] | None:
    if node.start_mark.index == index and str(node.tag) == tag:
        return ()
    children: list[tuple[str, Node]] = []
    if isinstance(node, MappingNode):
        children = [(str(key.value), value) for key, value in node.value]
    elif isinstance(node, SequenceNode):
        children = [(str(number), value) for number, value in enumerate(node.value)]
    for name, child in children:
        if (found := _path_to(child, tag, index)) is not None:
            return name, *found
    return None
