"""What bounds the work of building a model whose weights are still to come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.modules.module import (
    register_module_module_registration_hook,
    register_module_parameter_registration_hook,
)
from torch.overrides import TorchFunctionMode

from mtser.errors import ModelError

MOST_MODULES = 20_000
"""Of a model, each weight of a module counted, too; the systems of mtser have some hundred."""


@contextmanager
def limited_modules(name: str, most: int = MOST_MODULES) -> Iterator[None]:
    """Refuse a model of too many parts (a million layers) while it is being built.

    Raises
    ------
    ModelError
        That says so.

    Example
    -------
    >>> from torch import nn
    >>> with limited_modules("mine", most=2):
    ...     nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU())
    Traceback (most recent call last):
    mtser.errors.ModelError: mine: describes a model of more than 2 parts.
    """
    count = 0

    def registered(*_: Any) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise ModelError(f"{name}: describes a model of more than {most} parts.")

    hooks = [
        register_module_module_registration_hook(registered),
        register_module_parameter_registration_hook(registered),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def without_weights() -> Iterator[None]:
    """Modules that are made inside take no memory for their weights, and draw no numbers for them.

    Their parameters are on PyTorch's "meta" device: shapes alone, until
    :func:`~mtser.inference.weights.put_weights` puts real ones in their places.

    Example
    -------
    >>> with without_weights():
    ...     layer = torch.nn.Linear(1_000_000, 1_000_000)
    >>> layer.weight.device
    device(type='meta')
    """
    with torch.device("meta"), _NoNumbers():
        yield


class _NoNumbers(TorchFunctionMode):
    """Leaves out the first values of weights; on the meta device PyTorch would import its compiler to draw them."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == "torch.nn.init" and getattr(func, "__name__", "").endswith("_"):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
