"""One HyperPyYAML file with its includes and overrides, from which objects are built as often as needed."""

import copy
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from hyperpyyaml import resolve_references
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from mtser.checks import check_whole_number
from mtser.configuration.building import build
from mtser.configuration.option_names import option_names
from mtser.configuration.overrides import apply_override, block_file, has_option
from mtser.configuration.settings import read_settings
from mtser.configuration.tags import tag_of
from mtser.configuration.tree import dump, file_of, plain, read_tree
from mtser.errors import ConfigError

TUNED = "tuned"
"""The key of a sentence on how the values of a file were chosen: it goes into the report of every run of the file."""
_EPOCHS = "number_of_epochs"
_TOLD_ELSEWHERE = ("seed", _EPOCHS)


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
        working directory) puts that file in the place of a block. A block is replaced before its own values are set,
        whatever the order.
    others
        Names of other options of a command line, which may be what a misspelt name was meant to be.
    settings
        A YAML file of more overrides (:func:`~mtser.configuration.settings.read_settings`), for many systems: names
        that this one lacks are passed over. ``overrides`` win. The system's name gets the file's name behind it.

    Attributes
    ----------
    passed_over
        Names of ``settings`` that the system has no place for.

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

    def __init__(
        self,
        file: str | Path,
        overrides: Mapping[str, str] | None = None,
        others: Sequence[str] = (),
        settings: Path | None = None,
    ) -> None:
        self.file = Path(file)
        self.settings = settings
        self._offered = read_settings(settings) if settings else {}
        self._given = dict(overrides or {})
        self._put: dict[str, Any] = {}  # by override() and named()
        tree = read_tree(self.file)
        self._original = dump(tree)
        self._apply(tree, others)

    def _apply(self, tree: CommentedMap, others: Sequence[str] = ()) -> None:
        """Make the file's own tree that of the system: all overrides together, blocks before their own values."""
        self._tree = tree
        self.passed_over: tuple[str, ...] = ()
        for name, value in sorted({**self._offered, **self._given}.items(), key=lambda item: item[0].count(".")):
            if name in self._given or has_option(tree, name):
                apply_override(tree, name, value, self.file.parent, others)
            else:
                self.passed_over += (name,)
        after = dump(tree) if self._given else ""
        if lost := [name for name in self._given if f"<{name}>" in self._original and f"<{name}>" not in after]:
            raise ConfigError(
                f"--{lost[0]} would change nothing: what referred to {lost[0]} is replaced by other options."
            )
        if self.settings:
            if len(self.passed_over) == len(self._offered):
                raise ConfigError(f"{self.settings}: {self.file} has none of the names in it.")
            tree["system"] = f"{tree.get('system', self.file.stem)}_{self.settings.stem}"
        tree.update(self._put)

    def names(self) -> list[str]:
        """Every name that can be overridden, nested ones dotted."""
        return option_names(self._tree)

    def get(self, name: str, default: Any = None) -> Any:
        """The plain value of a top-level key as the file (or an override) gives it, a reference resolved."""
        value = self._tree.get(name, default)
        return plain(YAML().load(self.resolved())[name] if tag_of(value) == "!ref" else value)

    def whole_number(self, name: str, default: int | None = None, least: int = 1) -> int:
        """The value of a top-level key that has to be a whole number.

        Raises
        ------
        ConfigError
            If it is none, or less than ``least``.
        """
        value = self.get(name, default)
        check_whole_number(f"{self.file}: {name}", value, least)
        return value

    def notes(self) -> list[str]:
        """Sentences for the report."""
        told = []
        if own := [tag for tag in self.flat().values() if str(tag).startswith(("!new:__main__.", "!name:__main__."))]:
            name = str(own[0]).partition("__main__.")[2]
            told.append(
                f"{name} is a class of the recipe's own file: put it into a module, or no other command finds it."
            )
        if TUNED in self._tree:
            told.append(str(self.get(TUNED)))
        told += self._other_epochs()
        if changed := {name: value for name, value in self._given.items() if name not in _TOLD_ELSEWHERE}:
            values = ", ".join(f"{name} {value}" for name, value in changed.items())
            told.append(f"Other values than in {self.file.name}: {values}.")
        if self.settings is None:
            return told
        rest = f" It has no place for {', '.join(self.passed_over)}." if self.passed_over else ""
        return [*told, f"Trained with the settings of {self.settings.name}.{rest}"]

    def _other_epochs(self) -> list[str]:
        """A sentence of its own, the same for all systems of a sweep, so that a table tells it once."""
        before, now = plain(YAML().load(self._original).get(_EPOCHS)), self.get(_EPOCHS)
        if _EPOCHS not in {**self._offered, **self._given} or before == now:
            return []
        return [f"Trained for at most {now} epoch{'s' * (now != 1)}; the YAML file says {before}."]

    def override(self, **values: Any) -> "Hyperparameters":
        """The same with other top-level values, where the file has them; names that it lacks are passed over."""
        return self._with({name: value for name, value in values.items() if name in self._tree})

    def named(self, system: str) -> "Hyperparameters":
        """The same as a system of another name, whether or not the file gives it one."""
        return self._with({"system": system})

    def tuned(self, how: str) -> "Hyperparameters":
        """The same with a sentence on how its values were chosen; it stands in the file, behind any that did before."""
        before = str(self.get(TUNED, ""))
        return self if how in before else self._with({TUNED: f"{before} {how}".strip()})

    def _with(self, values: Mapping[str, Any]) -> "Hyperparameters":
        other = copy.copy(self)
        other._put = {**self._put, **values}
        other._tree = YAML().load(dump(self._tree))
        other._tree.update(values)
        return other

    def overridden(self, overrides: Mapping[str, str]) -> "Hyperparameters":
        """The same as if more overrides had been given to the constructor beside those it was given.

        So ``transformer.dropout`` of before still counts where ``transformer`` is replaced now.

        Raises
        ------
        ConfigError
            If a name does not exist, a value is no YAML, or an override of before would change nothing any more.
        """
        other = copy.copy(self)
        other._given = {**self._given, **overrides}
        other._put = {name: value for name, value in self._put.items() if name not in overrides}
        other._apply(YAML().load(self._original))
        return other

    def resolved(self) -> str:
        """The whole file as one text: includes inlined, overrides applied, references resolved."""
        try:
            return resolve_references(StringIO(dump(self._tree))).getvalue()
        except (KeyError, ValueError, AttributeError, TypeError) as error:
            raise ConfigError(f"{self.file}: a reference cannot be resolved ({error}).") from error

    def text(self) -> str:
        """The whole file as one text: includes inlined, overrides applied, references as they stand."""
        return dump(self._tree)

    def flat(self) -> dict[str, Any]:
        """The resolved file as dotted name → plain value (tags as strings), to compare two runs."""
        return flatten(YAML().load(self.resolved()))

    def build(self) -> dict[str, Any]:
        """Make every object anew.

        Raises
        ------
        ConfigError
            If a class does not exist, does not take an argument, or fails otherwise; the file that it is from is named.
        """
        return build(self.resolved(), self._file_of)

    def _file_of(self, path: Sequence[str]) -> Path:
        """The file that a block is from, which the names of ``path`` lead to; the system's where several had a say."""
        given = {tuple(name.split(".")): value for name, value in {**self._offered, **self._given}.items()}
        if not path or any(len(name) > len(path) and name[: len(path)] == tuple(path) for name in given):
            return self.file
        for length in range(len(path), 0, -1):
            value = given.get(tuple(path[:length]))
            if value is not None:
                file = block_file(value, self.file.parent)
                return file_of(file, path[length:]) if file else self.file
        return file_of(self.file, path)


def flatten(tree: Any, prefix: str = "", first_names: dict[int, str] | None = None) -> dict[str, Any]:
    """A YAML tree as dotted name → plain value.

    A tag is kept as the value of the name with ``!`` behind it. What stands in several places (a reference to a block)
    is flattened where it stands first; elsewhere it is the name of that place, in angle brackets.
    """
    first_names = {} if first_names is None else first_names
    if isinstance(tree, CommentedMap | CommentedSeq):
        if id(tree) in first_names:
            return {prefix: f"<{first_names[id(tree)]}>"}
        first_names[id(tree)] = prefix
    flat: dict[str, Any] = {}
    if tag := tag_of(tree):
        flat[f"{prefix}!"] = tag
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            flat |= flatten(value, f"{prefix}.{name}" if prefix else str(name), first_names)
    elif isinstance(tree, CommentedSeq) and any(isinstance(item, CommentedMap | CommentedSeq) for item in tree):
        for index, value in enumerate(tree):
            flat |= flatten(value, f"{prefix}.{index}", first_names)
    elif tag and not isinstance(tree, CommentedSeq):
        flat[f"{prefix}!"] = plain(tree)
    else:
        flat[prefix] = plain(tree)
    return flat
