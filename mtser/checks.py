"""Checks of what a YAML or a user gives."""

import math
from typing import Any

from mtser.errors import ConfigError
from mtser.languages import normal_language


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


def check_language(code: str) -> str:
    """Refuse what is no code of a language.

    Returns
    -------
    str
        The code as mtser writes it, see :func:`~mtser.languages.normal_language`.

    Raises
    ------
    ConfigError
        That says so.

    Example
    -------
    >>> check_language("en-US"), check_language("pt-BR")
    ('en', 'pt-br')
    >>> check_language("german")
    Traceback (most recent call last):
    mtser.errors.ConfigError: language 'german' is no ISO 639-1 code, such as en or de.
    """
    language = normal_language(code)
    if language is None:
        raise ConfigError(f"language {code!r} is no ISO 639-1 code, such as en or de.")
    return language


def is_language(code: str) -> bool:
    """Whether a text is the code of a language, with or without that of a region.

    Example
    -------
    >>> is_language("pt-BR"), is_language("Portuguese"), is_language("xx")
    (True, False, False)
    """
    return normal_language(code) is not None
