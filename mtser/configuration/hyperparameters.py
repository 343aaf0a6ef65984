"""One HyperPyYAML file with its includes and overrides, from which objects are built as often as needed."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from hyperpyyaml import load_hyperpyyaml, resolve_references
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mtser.configuration.overrides import apply_override, option_names
from mtser.configuration.tree import dump, plain, read_tree
from mtser.errors import ConfigError, MtserError


class Hyperparameters:
    r"""A stock HyperPyYAML file, read strictly.

    Plain ``load_hyperpyyaml`` loads the same file. This class checks what that lets through: an override must name
    something that exists, and replaces it wholly.

    Parameters
    ----------
    file
        The YAML file.
    overrides
        Dotted name → value as YAML text. A value that names a ``.yaml`` file (beside the YAML, above it, or in the
        working directory) puts that file in the place of a block.

    Raises
    ------
    ConfigError
        If a file is missing or is no YAML, a name does not exist (the nearest is told), or a value is no YAML.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "x.yaml"
    >>> _ = file.write_text("size: 4\nlayer: !new:torch.nn.Linear {in_features: !ref <size>, out_features: 1}\n")
    >>> parameters = Hyperparameters(file, {"size": "8", "layer.bias": "False"})
    >>> parameters.build()["layer"]
    Linear(in_features=8, out_features=1, bias=False)
    >>> Hyperparameters(file, {"sise": "8"})
    Traceback (most recent call last):
    mtser.errors.ConfigError: there is no option --sise; the nearest is --size.
    """

    def __init__(self, file: str | Path, overrides: Mapping[str, str] | None = None) -> None:
        self.file = Path(file)
        self._tree = read_tree(self.file)
        for name, value in (overrides or {}).items():
            apply_override(self._tree, name, value, self.file.parent)

    def names(self) -> list[str]:
        """Every name that can be overridden, nested ones dotted."""
        return option_names(self._tree)

    def get(self, name: str, default: Any = None) -> Any:
        """The plain value of a top-level key as the file (or an override) gives it."""
        return plain(self._tree.get(name, default))

    def override(self, **values: Any) -> "Hyperparameters":
        """The same with other top-level values, where the file has them; names that it lacks are passed over."""
        other = Hyperparameters.__new__(Hyperparameters)
        other.file = self.file
        other._tree = YAML().load(dump(self._tree))
        for name, value in values.items():
            if name in other._tree:
                other._tree[name] = value
        return other

    def resolved(self) -> str:
        """The whole file as one text: includes inlined, overrides applied, references resolved."""
        try:
            return resolve_references(StringIO(dump(self._tree))).getvalue()
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise ConfigError(f"{self.file}: a reference cannot be resolved ({error}).") from error

    def flat(self) -> dict[str, Any]:
        """The resolved file as dotted name → plain value (tags as strings), to compare two runs."""
        return flatten(YAML().load(self.resolved()))

    def build(self) -> dict[str, Any]:
        """Make every object anew.

        Raises
        ------
        ConfigError
            If a class does not exist or does not take an argument.
        """
        text = self.resolved()
        try:
            return load_hyperpyyaml(StringIO(text))
        except MtserError as error:
            raise type(error)(f"{self.file}: {error}") from error
        except (ImportError, TypeError, ValueError, YAMLError) as error:
            raise ConfigError(f"{self.file}: {'; '.join(str(part) for part in error.args)}.") from error


def flatten(tree: Any, prefix: str = "") -> dict[str, Any]:
    """A YAML tree as dotted name → plain value; a tag is kept as the value of the name with ``!`` behind it."""
    flat: dict[str, Any] = {}
    tag = getattr(getattr(tree, "tag", None), "value", None)
    if tag:
        flat[f"{prefix}!"] = tag
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            flat |= flatten(value, f"{prefix}.{name}" if prefix else str(name))
    elif not tag:
        flat[prefix] = plain(tree)
    return flat
