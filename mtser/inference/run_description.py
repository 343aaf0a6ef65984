"""The model in the YAML of a run, built without what only training needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtser.configuration.building import build
from mtser.configuration.hyperparameters import flatten
from mtser.configuration.tags import tag_of
from mtser.configuration.tree import dump, plain, read_tree
from mtser.errors import ConfigError, ModelError, MtserError
from mtser.inference.classical_run import as_emotion_model, is_classical
from mtser.model import EmotionModel


@dataclass(frozen=True)
class RunDescription:
    """A run's ``hyperparams.yaml``: includes inlined, references resolved.

    Parameters
    ----------
    file
        Where it is from.
    tree
        Its content, tags and anchors kept; a classical model described as the blocks that say the same.
    is_classical
        Whether it was one, whose folds keep arrays in place of checkpoints.
    """

    file: Path
    tree: Mapping[str, Any]
    is_classical: bool = False

    @classmethod
    def read(cls, file: Path) -> "RunDescription":
        """Read it.

        Raises
        ------
        ModelError
            If the model cannot judge outside of its run.
        ConfigError
            If it is no YAML, or describes no model.
        """
        tree = read_tree(file)
        if "model" not in tree:
            raise ConfigError(f"{file}: describes no model (there is no key model).")
        if not is_classical(tree["model"]):
            return cls(file, tree)
        try:
            return cls(file, {**tree, "model": as_emotion_model(tree)}, is_classical=True)
        except MtserError as error:
            raise type(error)(f"{file}: {error}") from error

    def get(self, name: str, default: Any = None) -> Any:
        """The plain value of a top-level key."""
        return plain(self.tree.get(name, default))

    def number(self, name: str, default: int) -> int:
        """A top-level key that is a whole number."""
        value = self.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ConfigError(f"{self.file}: {name} is {value!r}; it has to be a whole number.")
        return value

    def text(self) -> str:
        """The model alone as YAML: what several blocks share is written where it stands first."""
        return dump(_only_model(self.tree))

    def build(self) -> EmotionModel:
        """Make the model, untrained; the classes that the YAML names are imported, whosever they are.

        Raises
        ------
        ConfigError
            If a class does not exist, does not take an argument, or fails otherwise.
        ModelError
            If it is no model, or a file with features of words is not there.
        """
        self._check_word_features()
        model = build(self.text(), lambda path: self.file)["model"]
        if not isinstance(model, EmotionModel):
            raise ModelError(f"{self.file}: its model is a {type(model).__name__}, not an EmotionModel.")
        return model

    def _check_word_features(self) -> None:
        """Tell what a model can judge, before a file of one corpus is missed as if it were all that is lacking."""
        flat = flatten(self.tree["model"])
        for name, tag in flat.items():
            if name.endswith("!") and tag in _WORD_FEATURES:
                file = str(flat.get(f"{name[:-1]}.file"))
                if not Path(file).expanduser().exists():
                    raise ModelError(
                        f"{self.file}: the model reads features of words from the file {file}, which is not there "
                        "(relative to the working directory); it can judge a corpus alone that the file is about, and "
                        "no new recordings."
                    )


_WORD_FEATURES = ("!new:mtser.features.WordFeatureFile", "!new:mtser.features.word_feature_file.WordFeatureFile")


def _only_model(tree: Mapping[str, Any]) -> Any:
    from ruamel.yaml.comments import CommentedMap

    return CommentedMap(model=_bare(tree["model"], {}))


def _bare(node: Any, made: dict[int, Any]) -> Any:
    """A copy without comments; nodes that are one stay one."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if id(node) in made:
        return made[id(node)]
    if isinstance(node, CommentedMap | CommentedSeq):
        copy: Any = CommentedMap() if isinstance(node, CommentedMap) else CommentedSeq()
        made[id(node)] = copy
        if tag_of(node):
            copy.yaml_set_ctag(node.tag)
        if isinstance(node, CommentedMap):
            copy.update({name: _bare(value, made) for name, value in node.items()})
        else:
            copy.extend(_bare(value, made) for value in node)
        return copy
    return node
