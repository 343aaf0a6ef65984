"""A file of values for many systems: each takes those that it has a place for."""

import inspect
from collections.abc import Mapping
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mtser.errors import ConfigError


def read_settings(file: Path) -> dict[str, str]:
    r"""Read a YAML mapping of dotted names to values; returns name → value as YAML text.

    Raises
    ------
    ConfigError
        If there is no such file, or it is something else.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "calm.yaml"
    >>> _ = file.write_text("training.optimizer.lr: 0.0005\ntraining.average: blocks/training/average_ema.yaml\n")
    >>> read_settings(file)
    {'training.optimizer.lr': '0.0005', 'training.average': 'blocks/training/average_ema.yaml'}
    """
    told = read_names(file, f"--settings {file}", "has to be a mapping of names of the YAML, dotted, to values")
    return {name: as_text(value) for name, value in told.items()}


def read_names(file: Path, called: str, expected: str) -> dict[str, Any]:
    """Read a YAML mapping of names to plain values.

    Parameters
    ----------
    file
        That is read.
    called
        How messages begin.
    expected
        What they say if it holds something else.

    Raises
    ------
    ConfigError
        If there is no such file, or it is something else.
    """
    try:
        told = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{called}: cannot be read ({error.strerror}).") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{called}: is no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(told, Mapping) or not told:
        raise ConfigError(f"{called}: {expected}.")
    return {str(name): value for name, value in told.items()}


def as_text(value: Any) -> str:
    """A value as YAML text on one line; a text stays as it is.

    Example
    -------
    >>> as_text(None), as_text(0.1), as_text([1, "a"]), as_text("!new:torch.nn.ReLU"), as_text(True)
    ('null', '0.1', '[1, a]', '!new:torch.nn.ReLU', 'true')
    >>> as_text(3e-13), as_text(1e22)
    ('0.0000000000003', '10000000000000000000000.0')
    """
    if isinstance(value, str):
        return value
    if value is inspect.Parameter.empty:
        return ""
    if isinstance(value, float) and not isinstance(value, bool):
        if "e" not in repr(value):
            return repr(value)
        digits = format(Decimal(repr(value)), "f")  # YAML takes 1e-05 for a text
        return digits if "." in digits else f"{digits}.0"
    yaml, text = YAML(typ="safe"), StringIO()
    yaml.default_flow_style, yaml.width = True, 4096
    yaml.dump(value, text)
    return text.getvalue().removesuffix("...\n").strip()
