"""What a pretrained model of speech is, whatever its family."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor, nn

from mtser.parallel import OneAtATime

_TINY = 1e-7  # as transformers' feature extractor adds to a variance


class SpeechModel(ABC):
    """A pretrained encoder of speech that can be asked for the states of its layers, by one thread at a time.

    Attributes
    ----------
    frame_length, frame_step
        In seconds, as for :class:`~mtser.features.extractor.FrameExtractor`.
    n_layers, width
        Layers, without what enters the first, and the width of a state.
    step, window
        Samples from frame to frame, and those that a frame needs.
    longest
        Samples that the model reads at once.
    layers_offered
        The layers that :meth:`states` can give; None for all.
    normalised
        Whether whole utterances are brought to mean 0 and variance 1 before they are read.
    untrained
        How the names of those weights begin that are never trained: convolutions over the sound.
    """

    frame_length: float
    frame_step: float
    n_layers: int
    width: int
    step: int = 320
    window: int
    longest: int
    layers_offered: tuple[int, ...] | None = None
    normalised: bool = False
    untrained: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._busy = OneAtATime()  # loading and states: what a call needs lies in the model while it runs

    @abstractmethod
    def n_frames(self, n_samples: int) -> int:
        """How many frames so many samples have."""

    def n_computed(self, n_samples: int) -> int:
        """On how many samples the model computes to read so many, which are no more than ``longest``."""
        return n_samples

    def prepared(self, waveform: np.ndarray) -> np.ndarray:
        """The whole utterance as it is read: with mean 0 and variance 1, if the model was trained so."""
        if not self.normalised:
            return waveform
        return ((waveform - waveform.mean()) / np.sqrt(waveform.var() + _TINY)).astype(np.float32)

    def prepared_tensor(self, waveform: Tensor) -> Tensor:
        """The same, wherever the tensor is; the same numbers to rounding."""
        if not self.normalised:
            return waveform
        return (waveform - waveform.mean()) / torch.sqrt(waveform.var(correction=0) + _TINY)

    @property
    @abstractmethod
    def network(self) -> nn.Module:
        """What :meth:`load` has loaded."""

    @property
    @abstractmethod
    def layers(self) -> nn.ModuleList:
        """The transformer's layers in it, the first one first."""

    @abstractmethod
    def load(self, device: torch.device) -> None:
        """Read the weights.

        Raises
        ------
        FeatureError
            If a package is missing, or the files are not what they should be.
        """

    @abstractmethod
    def unload(self) -> None:
        """Free the memory."""

    @abstractmethod
    def states(self, waveforms: list[Tensor]) -> list[list[Tensor]]:
        """The states of every layer, for some stretches of audio.

        Parameters
        ----------
        waveforms
            float32 ``[samples]`` each, on any device, not longer than ``longest``, each of at least one frame.

        Returns
        -------
        list of list of Tensor
            For each stretch, for each layer from 0 (what enters the first) on, ``[frames, width]`` on the model's
            device. Layers that the model does not offer are empty.
        """
