"""Seeing what happens between the layers of an encoder."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn


class LayerRecorder:
    """Keeps what enters the first layer of an encoder, and what each layer gives.

    transformers tells this, too, but what its ``hidden_states`` are differs between families and versions.

    Parameters
    ----------
    layers
        Of the encoder.

    Example
    -------
    >>> import torch
    >>> layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
    >>> recorder = LayerRecorder(layers)
    >>> states = recorder.record(lambda: layers[1](layers[0](torch.ones(1, 2))).tanh())
    >>> len(states), torch.equal(states[2], layers[1](states[1]).tanh())
    (3, True)
    """

    def __init__(self, layers: nn.ModuleList) -> None:
        self._n_layers = len(layers)
        self._states: list[Tensor] = []
        layers[0].register_forward_pre_hook(self._enters, with_kwargs=True)
        for layer in layers:
            layer.register_forward_hook(self._leaves)

    def record(self, run: Callable[[], Tensor]) -> list[Tensor]:
        """Run the encoder, and return the states of every layer; the last is what the encoder returns."""
        self._states = []
        last = run()
        states, self._states = [*self._states[: self._n_layers], last], []
        return states

    def _enters(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self._states.append(args[0] if args else kwargs["hidden_states"])

    def _leaves(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        self._states.append(output if isinstance(output, Tensor) else output[0])
