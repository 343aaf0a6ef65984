"""Reading the small YAML files that tell about corpora."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mtser.errors import ConfigError


def read_mapping(path: Path, what: str) -> dict[str, Any]:
    """The mapping that a YAML file holds, its keys as texts.

    Raises
    ------
    ConfigError
        If the file is missing, is no YAML, or holds no mapping; ``what`` says what it should be.
    """
    try:
        value = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {what} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: {what} is not UTF-8 text.") from error
    except YAMLError as error:
        raise ConfigError(f"{path}: is no YAML ({' '.join(str(error).split())}).") from error
    if not isinstance(value, dict) or not value:
        raise ConfigError(f"{path}: is no {what.removeprefix('the ')}; it has to map names to values.")
    return {str(name): entry for name, entry in value.items()}
