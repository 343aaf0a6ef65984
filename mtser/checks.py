"""Checks of what a YAML or a user gives."""

import math
import re
from typing import Any

from mtser.errors import ConfigError


def check_number(name: str, value: Any, most: float = math.inf) -> None:
    """Refuse what is no finite number from 0 to ``most``.

    Raises
    ------
    ConfigError
        That says so.

    Example
    -------
    >>> check_number("clip_norm", -1)
    Traceback (most recent call last):
    mtser.errors.ConfigError: clip_norm is -1; it has to be a number from 0 on.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most or math.isinf(value):
        upper = "on" if math.isinf(most) else f"to {most:g}"
        raise ConfigError(f"{name} is {value!r}; it has to be a number from 0 {upper}.")


def check_whole_number(name: str, value: Any, least: int = 1) -> None:
    """Refuse what is no whole number from ``least`` on.

    Raises
    ------
    ConfigError
        That says so.

    Example
    -------
    >>> check_whole_number("patience", "ten")
    Traceback (most recent call last):
    mtser.errors.ConfigError: patience is 'ten'; it has to be a whole number from 1 on.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigError(f"{name} is {value!r}; it has to be a whole number from {least} on.")


_LANGUAGE = re.compile("[a-z]{2,3}(-[A-Za-z0-9]+)*")


def check_language(code: str) -> None:
    """Refuse what is no code of a language.

    Raises
    ------
    ConfigError
        That says so.

    Example
    -------
    >>> check_language("german")
    Traceback (most recent call last):
    mtser.errors.ConfigError: language 'german' is no ISO 639-1 code, such as en or de.
    """
    if not is_language(code):
        raise ConfigError(f"language {code!r} is no ISO 639-1 code, such as en or de.")


def is_language(code: str) -> bool:
    """Whether a text is formed as the code of a language, with or without that of a region.

    Example
    -------
    >>> is_language("pt-BR"), is_language("Portuguese")
    (True, False)
    """
    return _LANGUAGE.fullmatch(code) is not None
