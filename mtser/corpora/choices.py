"""Checks of the readers' options."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

from mtser.errors import ConfigError


def check_choice(option: str, value: str, choices: Sequence[str]) -> None:
    """Check that an option has one of its values.

    Raises
    ------
    ConfigError
        If it has another one.
    """
    if value not in choices:
        raise ConfigError(f"{option} is {value!r}; choose {' or '.join(map(repr, choices))}.")


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
