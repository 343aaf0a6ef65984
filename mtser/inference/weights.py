"""Weights into a model: every one of them, of the right shape, and nothing else."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from mtser.errors import ModelError


def put_weights(model: nn.Module, weights: Mapping[str, Tensor], file: str | Path) -> None:
    """Give a model its weights; they are taken as they are, not copied.

    Parameters
    ----------
    model
        Whose description the weights belong to. It may be on PyTorch's "meta" device, where it takes no memory.
    weights
        Name → tensor.
    file
        Where they are from, for messages.

    Raises
    ------
    ModelError
        That names the first weight that is missing, is too many, or has another shape or type.

    Example
    -------
    >>> put_weights(nn.Linear(2, 1), {"weight": torch.ones(1, 3), "bias": torch.ones(1)}, "a.safetensors")
    Traceback (most recent call last):
    mtser.errors.ModelError: a.safetensors: weight has the shape [1, 3], but the model has [1, 2] there; the weights belong to another model.
    """  # noqa: E501
    expected = model.state_dict()
    for name, there in expected.items():
        if name not in weights:
            raise ModelError(f"{file}: lacks {name}, which the model has; the weights belong to another model.")
        found = weights[name]
        if not isinstance(found, Tensor):
            raise ModelError(f"{file}: {name} is no tensor; the file is damaged.")
        if found.shape != there.shape:
            raise ModelError(
                f"{file}: {name} has the shape {list(found.shape)}, but the model has {list(there.shape)} there; the "
                "weights belong to another model."
            )
        if found.dtype != there.dtype:
            raise ModelError(
                f"{file}: {name} holds {_name(found.dtype)}, but the model has {_name(there.dtype)} there."
            )
        if found.is_floating_point() and not torch.isfinite(found).all():
            raise ModelError(f"{file}: {name} holds numbers that are NaN or infinite.")
    if more := [name for name in weights if name not in expected]:
        raise ModelError(
            f"{file}: holds {more[0]}, which the model does not have; the weights belong to another model."
        )
    model.load_state_dict(dict(weights), strict=True, assign=True)


def read_checkpoint(file: Path) -> Mapping[str, Tensor]:
    """The weights in a checkpoint of training; no code in it is run.

    Raises
    ------
    ModelError
        If it cannot be read, or holds something else than weights.
    """
    try:
        weights = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror}).") from error
    except Exception as error:  # whatever pickles and archives can be damaged by
        reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".")
        raise ModelError(f"{file}: is no checkpoint of weights ({reason}).") from error
    if not isinstance(weights, Mapping):
        raise ModelError(f"{file}: holds no weights.")
    return weights


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
