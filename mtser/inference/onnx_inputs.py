"""What an ONNX model reads: the inputs of one utterance as padded tensors with names."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtser.encoders.batch import Batch
from mtser.encoders.tokens import Tokenizer
from mtser.errors import ModelError
from mtser.features.contextual_words import ContextualWords
from mtser.features.input import Input
from mtser.features.live_inputs import Sound, WordTokens
from mtser.features.means import UtteranceMeans, WordMeans
from mtser.features.utterance_input import UtteranceFeatures, UtteranceFrames
from mtser.features.word_input import WordFrames
from mtser.features.word_phones import WordPhones
from mtser.model import EmotionModel
from mtser.ragged import Ragged

Axes = dict[int, str]
_WHOLE = (UtteranceFeatures, UtteranceMeans)
"""Inputs that are one vector an utterance."""


def names_of(model: EmotionModel) -> dict[Input, str]:
    """Every input of the model and the name of its tensor: the modality, and what it holds.

    Raises
    ------
    ModelError
        If nobody knows how to hand an input to ONNX.
    """
    found: dict[Input, str] = {}
    for modality, encoder in model.encoders.items():
        for input in encoder.inputs:  # type: ignore[union-attr]
            found.setdefault(input, f"{modality}_{_kind(input)}")
    return found


def padded(input: Input) -> bool:
    """Whether the input has a row of its own length for every word, and so a second tensor, of lengths."""
    return isinstance(input, WordFrames) or (isinstance(input, Tokenizer) and input.splits_words)


def axes_of(model: EmotionModel) -> dict[str, Axes]:
    """Name → its axes of any length, by number."""
    found: dict[str, Axes] = {}
    for input, name in names_of(model).items():
        if padded(input):
            found[name] = {0: "words", 1: f"longest_{name}"}
            found[f"{name}_lengths"] = {0: "words"}
        elif not isinstance(input, _WHOLE):
            found[name] = {0: "words" if input.unit == "word" and not isinstance(input, WordPhones) else f"n_{name}"}
        else:
            found[name] = {}
    return found


def onnx_inputs(model: EmotionModel, batch: Batch) -> dict[str, np.ndarray]:
    """One utterance as the ONNX model of ``model`` reads it.

    Parameters
    ----------
    model
        That was exported.
    batch
        Of one utterance.

    Returns
    -------
    dict
        Name → array: frames ``[words, longest, dim]`` with ``..._lengths [words]``, or ``[frames, dim]`` of the whole
        utterance; functionals and means of an utterance ``[dim]``; tokens ``[words]`` (subwords ``[words, longest]``
        with their lengths).
    """
    if len(batch) != 1:
        raise ValueError("an ONNX model reads one utterance at a time")
    found: dict[str, np.ndarray] = {}
    for input, name in names_of(model).items():
        rows = batch[input]
        if padded(input):
            found[name] = _single(rows.pad())
            found[f"{name}_lengths"] = rows.lengths.astype(np.int64)
        else:
            values = _single(rows.values)
            found[name] = values[0] if isinstance(input, _WHOLE) else values
    return found


def _single(values: Tensor) -> np.ndarray:
    """What is stored in half precision is handed over in single precision."""
    return (values.float() if values.dtype == torch.float16 else values).cpu().numpy()


def random_batch(model: EmotionModel, n_words: int, seed: int) -> Batch:
    """An utterance of noise, to compare the model with its ONNX form."""
    random = np.random.default_rng(seed)
    data = {input: _random_rows(input, n_words, random) for input in names_of(model)}
    turns = Ragged(torch.tensor([0]), np.array([1])) if model.n_preceding else None
    return Batch(np.array([n_words]), data, turns)


def _random_rows(input: Any, n_words: int, random: np.random.Generator) -> Ragged:
    lengths = np.ones(n_words, np.int64)
    if isinstance(input, WordFrames) or (isinstance(input, Tokenizer) and input.splits_words):
        lengths = random.integers(1, 9, n_words)
    elif isinstance(input, WordPhones):
        lengths = random.integers(1, 5, n_words)
    elif isinstance(input, UtteranceFrames):
        lengths = np.array([20 * n_words + 7])
    elif isinstance(input, _WHOLE):
        lengths = np.array([1])
    n = int(lengths.sum())
    if isinstance(input, Tokenizer | WordPhones):
        return Ragged(torch.from_numpy(random.integers(0, len(input), n)), lengths)
    return Ragged(torch.from_numpy(random.normal(size=(n, input.dimension)).astype(np.float32)), lengths)


_KINDS: tuple[tuple[type, str], ...] = (
    (WordFrames, "frames"),
    (UtteranceFrames, "frames"),
    (UtteranceFeatures, "functionals"),
    (UtteranceMeans, "means"),
    (WordMeans, "means"),
    (Tokenizer, "tokens"),
    (ContextualWords, "vectors"),
    (WordPhones, "phones"),
)


def _kind(input: Input) -> str:
    for kind, name in _KINDS:
        if isinstance(input, kind):
            return name
    if isinstance(input, Sound | WordTokens):
        raise ModelError(
            "a pretrained encoder that was trained with the model has no ONNX form; export without (--no_onnx)."
        )
    raise ModelError(f"{type(input).__name__} has no form that ONNX could read.")


def _each(names: dict[Input, str]) -> Iterator[str]:
    for input, name in names.items():
        yield name
        if padded(input):
            yield f"{name}_lengths"


def tensor_names(model: EmotionModel) -> list[str]:
    """The names of all tensors, in their order."""
    return list(_each(names_of(model)))
