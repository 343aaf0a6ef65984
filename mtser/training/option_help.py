"""What ``--help`` says of a corpus reader's options: what its docstring says of its arguments."""

import inspect
import re
from collections.abc import Callable
from typing import Any

_SECTION = re.compile(r"^Parameters\n-+\n(?P<text>.*?)(?=^\w[\w ]*\n-+$|\Z)", re.MULTILINE | re.DOTALL)
_ENTRY = re.compile(r"^(?P<names>\w[\w, ]*)\n(?P<text>(?:^[ \t]+.*\n?|^\n)+)", re.MULTILINE)


def argument_help(function: Callable[..., Any]) -> dict[str, str]:
    """Argument → its description in the NumPy-style docstring of a function, as one line; empty without one.

    Example
    -------
    >>> from mtser.corpora import read_emodb
    >>> argument_help(read_emodb)["data_folder"]
    'The folder that holds wav and silb.'
    """
    section = _SECTION.search(inspect.getdoc(function) or "")
    described: dict[str, str] = {}
    for entry in _ENTRY.finditer(section["text"] if section else ""):
        text = re.sub(r":\w+:`~?([^`]*)`", r"\1", entry["text"]).replace("``", "")
        for name in entry["names"].split(","):
            described[name.strip()] = " ".join(text.split())
    return described
