"""A model with blocks of one's own goes through a few utterances before it is trained, which shows mistakes."""

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mtser.encoders.batch import Batch
from mtser.errors import ModelError
from mtser.features.input import behind
from mtser.features.source import FeatureSource
from mtser.model import EmotionModel
from mtser.outputs import Outputs
from mtser.training.checkpoints import RandomState
from mtser.training.data import ModelData
from mtser.training.returned import returned_values_checked

_KNOWN = {"mtser", "torch", "speechbrain", "transformers", "peft"}  # tested elsewhere
_N_UTTERANCES = 4
_TOLERANCE = {"cpu": 2e-5, "cuda": 2e-3}  # of a number about 1: above rounding, on a GPU that of its short floats

_OTHER_DEVICE = re.compile("same device|(weight|bias|hidden).* type .*should be the same")  # as PyTorch words it


def rehearse(
    model: EmotionModel, build: Callable[[], EmotionModel], data: ModelData, source: FeatureSource, rows: np.ndarray
) -> list[str]:
    """Try a model that has learned what precedes training; one of mtser's own blocks alone is not tried.

    Random numbers are drawn, and given back: training goes on as without.

    Parameters
    ----------
    model
        Fitted, with its data loaded.
    build
        Makes another one as it was before it was fitted.
    data, source
        The corpus, as the fold has it.
    rows
        The training part.

    Returns
    -------
    list of str
        What works and is most likely not meant, for the report.

    Raises
    ------
    ModelError
        If a block returns what it should not; if ``summary()`` cannot be written; or if a model that is built anew and
        given all that this one saves is another model; if a part of it is not on the model's device.
    """
    own = _own_classes(model)
    if not own:
        return []
    _check_summary(model)
    with _random_numbers_given_back():
        model.to(data.device).eval()
        try:
            return _notes(model, build, data, source, _of_different_lengths(data, rows), own)
        finally:
            model.train()


def _notes(
    model: EmotionModel,
    build: Callable[[], EmotionModel],
    data: ModelData,
    source: FeatureSource,
    rows: np.ndarray,
    own: list[str],
) -> list[str]:
    """What is found with a few utterances; ``own`` names the classes of one's own."""
    batch = data.inputs(rows)
    with torch.no_grad():
        with _left_behind_named(model, torch.device(data.device)), returned_values_checked(model, batch):
            told = _told(model, batch)
        again = _told(model, batch)
        alone = [_told(model, data.inputs(rows[i : i + 1])) for i in range(len(rows))]
    if by := differ(told, again):
        return [
            f"The model, not in training, says two things of the same utterances (a number differs by {by:.2g}): "
            f"something in {', '.join(own)} is drawn at random; dropout needs training=self.training."
        ]
    fresh = _as_saved(model, build)
    try:
        data.load(fresh.inputs, source)
        fresh.to(data.device).eval()
        with torch.no_grad():
            _check_reloaded(model, differ(told, _told(fresh, data.inputs(rows))))
        untrained = _without_gradient(fresh.train(), data.inputs(rows))
    finally:
        data.drop(set(fresh.inputs) - set(model.inputs))
    notes = []
    if by := differ(told, {name: torch.cat([one[name] for one in alone]) for name in told}):
        notes.append(
            f"What the model says of an utterance depends on the others in its batch (a number of it by {by:.2g}); its "
            f"own parts are {', '.join(own)}: what stands on padding must not reach real items (Sequence.masked)."
        )
    if untrained:
        notes.append(f"No gradient reaches {_some(untrained)}: they stay as they begin.")
    return notes


def differ(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    """By how much two answers differ at most, 0.0 if it may be rounding."""
    by = max(((one[name] - other[name]).abs() / one[name].abs().clamp(min=1)).max().item() for name in one)
    tolerance = _TOLERANCE.get(next(iter(one.values())).device.type, max(_TOLERANCE.values()))
    return by if by > tolerance or np.isnan(by) else 0.0


def _own_classes(model: EmotionModel) -> list[str]:
    parts: list[object] = [*model.modules()]
    for input in model.inputs:
        parts += [input, *behind(input)]
    return list(dict.fromkeys(type(one).__name__ for one in parts if _is_own(one)))


def _is_own(part: object) -> bool:
    return type(part).__module__.partition(".")[0] not in _KNOWN


def _check_summary(model: EmotionModel) -> None:
    for name, encoder in model.encoders.items():
        try:
            json.dumps(encoder.summary())  # type: ignore[operator]
        except (TypeError, ValueError) as error:
            raise ModelError(
                f"what {type(encoder).__name__}.summary() of {name!r} returns cannot be written to the report "
                f"({error}); it takes texts, lists, dictionaries and Python's own numbers (int(x), float(x), x.item())."
            ) from error


def _of_different_lengths(data: ModelData, rows: np.ndarray) -> np.ndarray:
    """A few, from a short one to a long one."""
    by_length = rows[np.argsort(data.lengths[rows], kind="stable")]
    return by_length[np.unique(np.linspace(0, len(by_length) - 1, _N_UTTERANCES).round().astype(int))]


@contextmanager
def _random_numbers_given_back() -> Iterator[None]:
    """Inside, others are drawn than a fold begins with."""
    state = RandomState()
    kept = state.get()
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002  # what a block of one's own may draw from
    torch.manual_seed(torch.initial_seed() % 2**31 + 1)
    try:
        yield
    finally:
        state.set(kept)


@contextmanager
def _left_behind_named(model: EmotionModel, device: torch.device) -> Iterator[None]:
    """Where tensors of two devices meet, say which ones did not go along to the model's."""
    try:
        yield
    except RuntimeError as error:
        made = [
            name for name, one in (*model.named_parameters(), *model.named_buffers()) if one.device.type != device.type
        ]
        if not _OTHER_DEVICE.search(str(error)) or not (left := made + _unregistered(model)):
            raise
        raise ModelError(
            f"tensors of two devices meet: the model is on {device}, where {_some(left)}, most likely, did not follow "
            f"({str(error).splitlines()[0].rstrip('.!')}). Use register_buffer for tensors and statistics, "
            "nn.Parameter, nn.ModuleList or nn.ModuleDict for what is trained, and make them in the constructor."
        ) from error


def _told(model: EmotionModel, batch: Batch) -> dict[str, Tensor]:
    outputs = Outputs.of(model(batch))
    found = {"logits": outputs.logits, "attributes": outputs.attributes, **outputs.branches, **outputs.auxiliary}
    return {name: one.float() for name, one in found.items() if one is not None}


def _as_saved(model: EmotionModel, build: Callable[[], EmotionModel]) -> EmotionModel:
    """What ``predict`` makes of a checkpoint: a model built anew, with the assets and the weights of this one."""
    fresh = build()
    with tempfile.TemporaryDirectory() as folder:
        model.save_assets(Path(folder))
        fresh.load_assets(Path(folder))
    saved, expected = model.state_dict(), fresh.state_dict()
    for names, what in (
        (saved.keys() - expected.keys(), "has {}, which a model that is built anew does not have"),
        (expected.keys() - saved.keys(), "lacks {}, which a model that is built anew has"),
        (
            {name for name in saved.keys() & expected.keys() if _other_shape(saved[name], expected[name])},
            "has {} in another shape than a model that is built anew",
        ),
    ):
        if names:
            raise ModelError(
                f"the model {what.format(_some(sorted(names)))}, so what it learns could not be loaded again: make "
                "parameters and buffers in the constructor (not in forward), or, where their shape depends on what "
                "fit() has seen, in fit() and in load_assets()."
            )
    fresh.load_state_dict(saved)
    return fresh


def _other_shape(saved: Tensor, expected: Tensor) -> bool:
    """Whether weights do not fit; those of torch's lazy layers take any shape."""
    return not nn.parameter.is_lazy(expected) and saved.shape != expected.shape


def _check_reloaded(model: EmotionModel, by: float) -> None:
    if not by:
        return
    suspects = _some(_unregistered(model))
    raise ModelError(
        f"a model that is built anew and given everything that this one saves says something else (a number differs by "
        f"{by:.2g}): something it needs is no parameter, no buffer and no asset"
        + (f", most likely {suspects}" if suspects else "")
        + ". Use register_buffer for tensors and statistics, nn.Parameter, nn.ModuleList or nn.ModuleDict for what is "
        "trained, save_assets and load_assets for the rest."
    )


def _unregistered(model: EmotionModel) -> list[str]:
    """Tensors, arrays and modules that blocks of one's own keep as plain attributes."""
    found = []
    for module in filter(_is_own, model.modules()):
        for name, value in vars(module).items():
            if name.startswith("_") and name in vars(nn.Module()):
                continue
            inside = list(value.values()) if isinstance(value, dict) else value
            inside = inside if isinstance(inside, list | tuple) else [inside]
            if any(isinstance(one, Tensor | nn.Module | np.ndarray) for one in inside):
                found.append(f"{type(module).__name__}.{name}")
    return list(dict.fromkeys(found))


def _without_gradient(model: EmotionModel, batch: Batch) -> list[str]:
    """Names of what is to be trained and gets no gradient."""
    loss: Any = sum(one.square().sum() for one in _told(model, batch).values())
    if loss.requires_grad:
        loss.backward()
    return [name for name, one in model.named_parameters() if one.requires_grad and one.grad is None]


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
