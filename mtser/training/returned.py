"""What encoders, fusion blocks and the classifier return, looked at while a batch goes through a model."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from mtser.encoders.batch import Batch
from mtser.encoders.encoder import Encoder
from mtser.errors import ModelError
from mtser.model import EmotionModel
from mtser.outputs import Outputs
from mtser.sequence import Sequence


@contextmanager
def returned_values_checked(model: EmotionModel, batch: Batch) -> Iterator[None]:
    """While it lasts, the first block that returns something else than it promises is named.

    Parameters
    ----------
    model
        That is about to see the batch.
    batch
        Says how many utterances there are.

    Raises
    ------
    ModelError
        If an encoder, a fusion block or the classifier returns another kind of thing, other sizes than those it
        tells, another number of utterances, or numbers that are none.
    """
    numbers = {len(batch.n_words), len(batch.n_words if batch.turns is None else batch.turns)}
    hooks = [
        encoder.register_forward_hook(partial(_encoded, f"{_name(encoder)}, the encoder of {name!r},", numbers))
        for name, encoder in model.encoders.items()
    ]
    before = "the encoders"
    for block in (*model.fusion, model.classifier):
        hooks.append(block.register_forward_pre_hook(partial(_check_given, before)))
        before = _name(block)
    hooks += [block.register_forward_hook(partial(_fused, _name(block), numbers)) for block in model.fusion]
    who = f"{_name(model.classifier)}, the classifier,"
    hooks.append(model.classifier.register_forward_hook(partial(_told, who, numbers)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _check_given(before: str, block: nn.Module, given: tuple[Any, ...]) -> None:
    """What reaches a block, where the one before it does not tell its widths."""
    if not given:
        return
    expected = getattr(block, "input_size", None)
    if isinstance(given[0], Tensor) and isinstance(expected, int) and given[0].shape[-1] != expected:
        raise ModelError(
            f"{_name(block)} expects vectors of size {expected}, but {before} returned {_kind(given[0])}; make "
            f"them equal, and give {before} an output_size, which is checked before anything is computed."
        )
    for name, size in getattr(block, "input_sizes", {}).items():
        if isinstance(given[0], dict) and name not in given[0]:
            raise ModelError(f"{_name(block)} expects the modality {name!r}, but {before} returned {list(given[0])}.")
        if isinstance(given[0], dict) and given[0][name].features.shape[-1] != size:
            raise ModelError(
                f"{_name(block)} expects {name} vectors of size {size}, but {before} returned "
                f"{_kind(given[0][name].features)}; make them equal, and give {before} output_sizes."
            )


def _encoded(who: str, numbers: set[int], encoder: Encoder, given: tuple[Any, ...], returned: Any) -> None:
    if not isinstance(returned, Sequence):
        raise ModelError(
            f"{who} returned {_kind(returned)} instead of a Sequence; batch.sequence(vectors) makes one of a vector a "
            "word."
        )
    _check_sequence(who, numbers, returned, encoder.output_size)


def _fused(who: str, numbers: set[int], block: nn.Module, given: tuple[Any, ...], returned: Any) -> None:
    if isinstance(returned, Tensor):
        _check_tensor(who, numbers, returned, getattr(block, "output_size", None), "size")
    elif isinstance(returned, dict) and all(isinstance(one, Sequence) for one in returned.values()):
        sizes = getattr(block, "output_sizes", {})
        for name, sequence in returned.items():
            _check_sequence(f"{who}, for {name!r},", numbers, sequence, sizes.get(name))
    else:
        raise ModelError(
            f"{who} returned {_kind(returned)}; a fusion block returns a dictionary of Sequences, or, if it pools, one "
            "tensor [batch, size]."
        )


def _told(who: str, numbers: set[int], classifier: nn.Module, given: tuple[Any, ...], returned: Any) -> None:
    if not isinstance(returned, Tensor | Outputs):
        raise ModelError(
            f"{who} returned {_kind(returned)} instead of logits [batch, classes] or mtser.outputs.Outputs."
        )
    logits = Outputs.of(returned).logits
    if logits is not None:
        _check_tensor(who, numbers, logits, getattr(classifier, "output_size", None), "classes")


def _check_sequence(who: str, numbers: set[int], sequence: Sequence, size: int | None) -> None:
    features, lengths = sequence.features, sequence.lengths
    if not isinstance(features, Tensor) or features.dim() != 3 or len(features) not in numbers:
        raise _other(f"{who} returned features of", features, "[batch, items, size]", numbers)
    if size is not None and features.shape[2] != size:
        raise ModelError(f"{who} says that its vectors have size {size}, but returned {_kind(features)}.")
    if not isinstance(lengths, Tensor) or lengths.shape != features.shape[:1]:
        raise _other(f"{who} returned lengths of", lengths, "[batch]", numbers)
    if int(lengths.max()) > features.shape[1]:
        raise ModelError(f"{who} returned lengths up to {int(lengths.max())} for {features.shape[1]} items.")
    _check_finite(who, features[sequence.mask])


def _check_tensor(who: str, numbers: set[int], returned: Tensor, size: int | None, last: str) -> None:
    if returned.dim() != 2 or len(returned) not in numbers:
        raise _other(f"{who} returned", returned, f"[batch, {last}]", numbers)
    if isinstance(size, int) and returned.shape[1] != size:
        raise ModelError(f"{who} says that it makes {size} numbers an utterance, but returned {_kind(returned)}.")
    _check_finite(who, returned)


def _check_finite(who: str, numbers: Tensor) -> None:
    if not torch.isfinite(numbers).all():
        raise ModelError(
            f"{who} makes NaN or infinity of finite numbers (a logarithm or a root of 0, a division by 0, or what "
            "stands on padding and was not masked)."
        )


def _other(who: str, value: Any, expected: str, numbers: set[int]) -> ModelError:
    batch = " or ".join(map(str, sorted(numbers)))
    return ModelError(f"{who} {_kind(value)}; expected is a tensor {expected} of a batch of {batch} utterances.")


def _kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"a tensor {list(value.shape)}"
    return "None" if value is None else f"a {type(value).__name__}"


def _name(module: nn.Module) -> str:
    return type(module).__name__
