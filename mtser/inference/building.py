"""What bounds the work of building a stranger's model."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch.nn.modules.module import register_module_module_registration_hook

from mtser.errors import ModelError

MOST_MODULES = 20_000
"""Of a model; the systems of mtser have some hundred."""


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

    hook = register_module_module_registration_hook(registered)
    try:
        yield
    finally:
        hook.remove()
