"""A run of the classical reference as models that judge, explain themselves and are passed on like any other."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mtser.configuration.tags import tag_of
from mtser.configuration.tree import dump, plain
from mtser.encoders.class_scores import TermScores, VectorScores
from mtser.errors import ConfigError, ModelError
from mtser.inference.weights import put_weights
from mtser.model import EmotionModel

_NEVER = -1e9  # the score of a class that the training part lacked: its probability is 0


def is_classical(model: Any) -> bool:
    """Whether the node ``model`` of a system's YAML is a classical model."""
    return tag_of(model) in ("!new:mtser.classical.ClassicalModel", "!new:mtser.classical.model.ClassicalModel")


def as_emotion_model(tree: Mapping[str, Any]) -> Any:
    """The node of the same model in blocks: encoders that score the classes, and their mixture.

    Parameters
    ----------
    tree
        The system's YAML, references resolved.

    Raises
    ------
    ConfigError
        If it does not tell how many classes there are.
    ModelError
        If a view of someone else's makes rows that no block of mtser makes.
    """
    n_classes = plain(tree.get("n_classes"))
    if not isinstance(n_classes, int) or isinstance(n_classes, bool):
        raise ConfigError(f"n_classes is {n_classes!r}; it has to be a whole number.")
    model = tree["model"]
    views = {name: model[name] for name in ("audio", "text") if model.get(name) is not None}
    lines = ["!new:mtser.model.EmotionModel", "encoders:"]
    lines += [line for name, view in views.items() for line in _encoder(name, view, n_classes)]
    lines += ["fusion: []", "classifier: !new:mtser.classifiers.ScoreMixture"]
    lines += [f"  n_classes: {n_classes}", f"  fusion: {plain(model.get('fusion', 'late'))}"]
    from ruamel.yaml import YAML

    return YAML().load(StringIO("\n".join(lines)))


def _encoder(name: str, view: Any, n_classes: int) -> list[str]:
    kind = tag_of(view).rpartition(".")[2]
    if not tag_of(view).startswith("!new:mtser.classical.") or kind not in ("ScaledFunctionals", "TfIdf"):
        raise ModelError(f"its {name}_encoder {tag_of(view)} is none of mtser's, so it judges nothing outside its run.")
    if kind == "TfIdf":
        of = ["tokenizer: !new:mtser.encoders.WordTokenizer {}"]
        kind = "TermScores"
    else:
        of = ["features: " + dump(view["features"]).replace("\n", "\n  ").rstrip()]
        kind = "VectorScores"
    lines = [f"{name}: !new:mtser.encoders.{kind}", *("  " + line for line in "\n".join(of).splitlines())]
    return ["  " + line for line in (*lines, f"  n_classes: {n_classes}")]


def fill(model: EmotionModel, fold: Path) -> None:
    """Give a model what its fold learned.

    Raises
    ------
    ModelError
        If that is missing, damaged or of another model.
    """
    from mtser.classical.arrays import FILE, FOLDER, read_arrays  # scikit-learn, which an exported model does not need

    file = fold / FOLDER / FILE
    arrays = read_arrays(fold / FOLDER)
    try:
        weights = _weights(model, arrays)
    except KeyError as error:
        raise ModelError(f"{file}: lacks {error.args[0]}, which the model has; it is of another model.") from error
    put_weights(model, weights, file)


def _weights(model: EmotionModel, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """The state of the model, by the names that its parts have there."""
    found: dict[str, NDArray[Any]] = {"classifier.share": arrays["share"]}
    early = "both.weights" in arrays
    begin = 0
    for number, (name, encoder) in enumerate(model.encoders.items()):
        weights, bias = (arrays[f"{'both' if early else name}.{part}"] for part in ("weights", "bias"))
        bias = np.where(np.isfinite(bias), bias, _NEVER)
        learned: dict[str, NDArray[Any]]
        if isinstance(encoder, TermScores):
            encoder.learn([str(word) for word in arrays[f"view.{name}.words"]])
            learned = {"idf": arrays[f"view.{name}.idf"]}
        else:
            assert isinstance(encoder, VectorScores), "as_emotion_model makes no others"
            learned = {key: arrays[f"view.{name}.{key}"] for key in ("mean", "std")}
        size = len(next(iter(learned.values())))
        if early:
            weights = weights[:, begin : begin + size]
            bias = bias if number == 0 else np.zeros_like(bias)
            begin += size
        if isinstance(encoder, TermScores):  # the first number is that of unknown words, which count nothing
            learned["idf"] = np.concatenate([[0.0], learned["idf"]])
            weights = np.concatenate([np.zeros((len(weights), 1)), weights], axis=1)
        learned |= {"linear.weight": weights, "linear.bias": bias}
        found |= {f"encoders.{name}.{key}": one for key, one in learned.items()}
    return {key: torch.from_numpy(np.array(one, dtype=np.float64)) for key, one in found.items()}
