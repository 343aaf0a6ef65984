"""Checks of the readers' options."""

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mtser.errors import ConfigError, CorpusError
from mtser.text_files import read_text

LabelMap: TypeAlias = Mapping[str, str] | str | os.PathLike[str]
"""A class map: label → class, or the YAML file that holds it."""


def check_choice(option: str, value: str, choices: Sequence[str]) -> None:
    """Check that an option has one of its values.

    Raises
    ------
    ConfigError
        If it has another one.
    """
    if value not in choices:
        raise ConfigError(f"{option} is {value!r}; choose {' or '.join(map(repr, choices))}.")


def load_label_map(option: str, label_map: LabelMap) -> Mapping[str, str]:
    r"""The mapping that an option gives: itself, or what its YAML file holds.

    Parameters
    ----------
    option
        Its name, for errors.
    label_map
        A mapping, or the path of a YAML file with lines ``label: class``. Labels and classes that are whole numbers
        count as text.

    Raises
    ------
    ConfigError
        If the file is missing or holds no such lines.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "two.yaml"
    >>> _ = file.write_text("joy: happy   # the classes are in this order\n3: sad\n")
    >>> load_label_map("label_map", file)
    {'joy': 'happy', '3': 'sad'}
    """
    if isinstance(label_map, Mapping):
        return {
            str(label) if isinstance(label, int | float) else label: _text(name) for label, name in label_map.items()
        }
    if not isinstance(label_map, str | os.PathLike):
        return label_map  # what it is then, check_label_map tells
    path = Path(label_map)
    if path.suffix.lower() not in (".yaml", ".yml", ".json"):
        raise ConfigError(
            f"{option} is {str(label_map)!r}; give a mapping {{label: class, ...}} or the .yaml file of a class map."
        )
    try:
        content = YAML(typ="safe").load(read_text(path))
    except CorpusError as error:
        raise ConfigError(f"{option}: {error}") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise ConfigError(f"{option}: {path}{line}: cannot be read ({problem}).") from error
    if not isinstance(content, dict) or not all(
        isinstance(label, str | int | float) and isinstance(_text(name), str) for label, name in content.items()
    ):
        raise ConfigError(
            f"{option}: {path}: is no class map; each of its lines has to be a label and its class, sad: sad."
        )
    return {str(label): _text(name) for label, name in content.items()}


def _text(name: Any) -> Any:
    """A class's name that YAML takes for a whole number, as text; anything else as it is."""
    return str(name) if isinstance(name, int) and not isinstance(name, bool) else name


def check_label_map(option: str, label_map: Mapping[str, str], known: Iterable[str]) -> tuple[str, ...]:
    """Check a mapping of a corpus's labels to classes.

    Returns
    -------
    tuple of str
        The classes in the order in which they appear.

    Raises
    ------
    ConfigError
        If it is no mapping to names, is empty, or maps a label that the corpus does not have.

    Example
    -------
    >>> check_label_map("label_map", {"hap": "happy", "sad": "sad", "exc": "happy"}, ("exc", "hap", "sad"))
    ('happy', 'sad')
    """
    known = sorted(known)
    if not isinstance(label_map, Mapping) or not all(isinstance(name, str) for name in label_map.values()):
        raise ConfigError(
            f"{option} is {label_map!r}; it has to map labels to the names of classes: {{sad: sad, ...}}."
        )
    if not label_map:
        raise ConfigError(f"{option} maps no label; its keys are labels of the corpus ({', '.join(known)}).")
    for label in label_map:
        if label not in known:
            nearest = difflib.get_close_matches(str(label), known, n=1, cutoff=0.0)[0]
            raise ConfigError(
                f"{option} maps {label!r}, which is no label of the corpus; did you mean {nearest!r}? "
                f"The labels are {', '.join(known)}."
            )
    return tuple(dict.fromkeys(label_map.values()))
