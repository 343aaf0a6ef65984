"""Whisper's encoder through CTranslate2, which is made for CPUs."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtser.errors import ConfigError, FeatureError
from mtser.features.speech.whisper import WhisperModel
from mtser.pretrained import CTRANSLATE2


class CTranslate2Whisper(WhisperModel):
    """Whisper's encoder through CTranslate2. It tells its last layer only.

    Parameters
    ----------
    folder
        With ``model.bin`` of CTranslate2, of any precision.
    compute_type
        CTranslate2's: "float32", "int8", ... The states of types other than "float32" are less exact.
    silence
        As for :class:`~mtser.features.speech.whisper.WhisperModel`.

    Raises
    ------
    ConfigError
        If the folder holds no model of CTranslate2.
    """

    def __init__(self, folder: Path, compute_type: str = "float32", silence: float | None = None) -> None:
        if not (folder / CTRANSLATE2).is_file():
            raise ConfigError(f"{folder}: holds no {CTRANSLATE2} of CTranslate2, which engine: ctranslate2 reads.")
        super().__init__(folder, silence=silence)
        self.compute_type = compute_type
        self.layers_offered = (self.n_layers,)
        self._model: Any = None

    def load(self, device: torch.device) -> None:
        """Read the weights."""
        with self._busy:
            if self._model is None:
                self._model = self._loaded(device)

    def _loaded(self, device: torch.device) -> Any:
        try:
            import ctranslate2
        except ImportError as error:
            raise FeatureError("ctranslate2 is not installed: `pip install 'mtser[speech]'`.") from error
        try:
            return ctranslate2.models.Whisper(
                str(self.folder),
                device=device.type,
                device_index=device.index or 0,
                compute_type=self.compute_type,
                intra_threads=torch.get_num_threads(),
            )
        except (RuntimeError, ValueError) as error:
            raise FeatureError(f"{self.folder}: CTranslate2 cannot load the model ({error}).") from error

    def unload(self) -> None:
        """Free the memory."""
        self._model = None

    def states(self, waveforms: list[Tensor]) -> list[list[Tensor]]:
        """The states of the last layer, through the final norm; those of the others are empty."""
        import ctranslate2

        last: dict[int, Tensor] = {}
        for rows, mel in self._equally_long(waveforms):
            told = self._model.encode(ctranslate2.StorageView.from_array(mel.numpy()), to_cpu=True)
            states = torch.from_numpy(np.array(told.to(ctranslate2.DataType.float32)))
            last |= {row: one[: self.n_frames(len(waveforms[row]))] for row, one in zip(rows, states, strict=True)}
        none = [torch.empty(0, self.width)] * self.n_layers
        return [[*none, last[row]] for row in range(len(waveforms))]
