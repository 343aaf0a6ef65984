"""What a pretrained model of speech is, whatever its family."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from torch import Tensor


class SpeechModel(ABC):
    """A pretrained encoder of speech that can be asked for the states of its layers.

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
    """

    frame_length: float
    frame_step: float
    n_layers: int
    width: int
    step: int = 320
    window: int
    longest: int
    layers_offered: tuple[int, ...] | None = None

    @abstractmethod
    def n_frames(self, n_samples: int) -> int:
        """How many frames so many samples have."""

    def n_computed(self, n_samples: int) -> int:
        """On how many samples the model computes to read so many, which are no more than ``longest``."""
        return n_samples

    def prepared(self, waveform: np.ndarray) -> np.ndarray:
        """What is done with a whole utterance before it is read; default: nothing."""
        return waveform

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
    def states(self, waveforms: list[np.ndarray]) -> list[list[Tensor]]:
        """The states of every layer, for some stretches of audio.

        Parameters
        ----------
        waveforms
            float32 ``[samples]`` each, not longer than ``longest``, each of at least one frame.

        Returns
        -------
        list of list of Tensor
            For each stretch, for each layer from 0 (what enters the first) on, ``[frames, width]`` on the model's
            device. Layers that the model does not offer are empty.
        """
