"""A pretrained encoder that is trained with the model: what those of speech and of text share."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from mtser.corpora.utterance import Utterance
from mtser.encoders.batch import Batch
from mtser.encoders.fine_tuning import FineTuning
from mtser.encoders.trained_part import unfreeze
from mtser.features.input import Input
from mtser.ragged import Ragged, spans

_AT_ONCE = 16  # utterances, where nothing is learned from them

Made = TypeVar("Made")


class TunedEncoder(nn.Module, ABC):
    """A pretrained network inside of the model: a batch → the rows that its stored vectors would be.

    The weights that are trained, and those alone, are in ``state_dict``: in checkpoints and in exported models. The
    others are the pretrained model's, which is read when the encoder is made; copies of the encoder share them.

    Parameters
    ----------
    network
        Of the transformers package, loaded.
    layers
        Of its transformer.
    n_used
        How many of them count.
    untrained
        How the names of weights begin that are never trained.
    how
        What is trained.

    Attributes
    ----------
    inputs
        What it reads.
    """

    inputs: tuple[Input, ...]

    def __init__(
        self, network: Any, layers: nn.ModuleList, n_used: int, untrained: tuple[str, ...], how: FineTuning
    ) -> None:
        super().__init__()
        apart(lambda: unfreeze(network, layers, n_used, untrained, how))
        self.network = network
        every = network.named_parameters(remove_duplicate=False)
        self._trained = frozenset(name for name, one in every if one.requires_grad)
        self._trained_layers = [layer for layer in layers if any(weight.requires_grad for weight in layer.parameters())]
        if how.gradient_checkpointing:
            for layer in self._trained_layers:
                layer.forward = _Recomputed(layer)
        self.register_state_dict_post_hook(_without_frozen)
        self.register_load_state_dict_pre_hook(_with_frozen)
        self.train(False)

    @abstractmethod
    def forward(self, batch: Batch) -> Ragged:
        """The rows of a batch, in float32, as its stored vectors would be."""

    def train(self, mode: bool = True) -> "TunedEncoder":
        """Layers that are trained have their dropout in training; all else stays as it is in evaluation."""
        super().train(False)
        self.training = mode
        for layer in self._trained_layers:
            layer.train(mode)
        return self

    @torch.no_grad()
    def rows(self, utterances: list[Utterance], data: Mapping[Input, Ragged]) -> np.ndarray:
        """All rows of some utterances as the network is now, in no particular order: float32 ``[rows, dimension]``.

        They are computed where the network lies.

        Parameters
        ----------
        utterances
            Of which the data are.
        data
            Of the inputs.
        """
        device = next(self.network.parameters()).device
        n_words = np.array([len(one.words) for one in utterances], dtype=np.int64)
        first = np.cumsum(n_words) - n_words
        by_length = np.argsort(data[self.inputs[0]].lengths, kind="stable")
        found = []
        was_training = self.training
        self.eval()
        for begin in range(0, len(by_length), _AT_ONCE):
            some = by_length[begin : begin + _AT_ONCE]
            words = spans(first[some], n_words[some])
            rows = {input: data[input].select(words if input.unit == "word" else some) for input in self.inputs}
            batch = Batch(n_words[some], {input: table.to(device) for input, table in rows.items()})
            found.append(self(batch).values.cpu().numpy())
        self.train(was_training)
        return np.concatenate(found)

    def summary(self) -> dict[str, Any]:
        """How many of its weights are trained."""
        trained = sum(one.numel() for name, one in self.network.named_parameters() if name in self._trained)
        return {"trained weights of the pretrained encoder": trained}

    @property
    def frozen(self) -> dict[str, Tensor]:
        """Name → tensor of everything in the network's state that is not trained."""
        every = self.network.state_dict(keep_vars=True)
        return {name: one for name, one in every.items() if name not in self._trained}

    def __deepcopy__(self, memo: dict[int, Any]) -> "TunedEncoder":
        memo.update({id(one): one for one in self.frozen.values()})
        other = type(self).__new__(type(self))
        memo[id(self)] = other
        other.__dict__.update(deepcopy(self.__dict__, memo))
        return other


def tuned_encoders(model: nn.Module) -> list[TunedEncoder]:
    """The pretrained encoders in a model that are trained with it."""
    return [module for module in model.modules() if isinstance(module, TunedEncoder)]


def apart(make: Callable[[], Made]) -> Made:
    """Make something with real weights, also where models are made without (a thread has no such mode)."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(make).result()


class _Recomputed:
    """A layer's ``forward`` that keeps nothing for the gradients but what it was given."""

    def __init__(self, layer: nn.Module) -> None:
        self._layer = layer

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        forward = type(self._layer).forward
        if not (torch.is_grad_enabled() and self._layer.training):
            return forward(self._layer, *args, **kwargs)
        return checkpoint(forward, self._layer, *args, use_reentrant=False, **kwargs)


def _without_frozen(module: TunedEncoder, state: dict[str, Tensor], prefix: str, local_metadata: Any) -> None:
    for name in module.frozen:
        state.pop(f"{prefix}network.{name}", None)


def _with_frozen(module: TunedEncoder, state: dict[str, Tensor], prefix: str, *_: Any) -> None:
    """What the file does not hold stays as it is."""
    for name, weight in module.frozen.items():
        state[f"{prefix}network.{name}"] = weight
