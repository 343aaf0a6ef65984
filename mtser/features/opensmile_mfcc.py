"""MFCC through openSMILE."""

import ctypes
import hashlib
import os
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError
from mtser.features.deltas import with_deltas
from mtser.features.extractor import FrameExtractor, check_bands, samples_of_frames, sixteen_bit

CONFIGURATION = Path(__file__).with_name("mfcc.conf")
"""The openSMILE configuration."""

# A sink's callback, with a plain address in place of a float pointer: that converts faster, once a frame.
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p)


class OpenSmileMFCC(FrameExtractor):
    """MFCC with deltas and accelerations by openSMILE, HTK-compatible.

    The values are those of openSMILE's ``MFCC12_0_D_A.conf`` (HTK's ``MFCC_0_D_A``) with another frame step, and
    with C0 in front: C0 … C12, their deltas, their accelerations. What openSMILE does, in this order:

    - samples are 16-bit integers (:func:`~mtser.features.extractor.sixteen_bit`);
    - frame j starts at sample ``j * step``; an incomplete last frame is dropped;
    - pre-emphasis within each frame: ``y[n] = x[n] - 0.97 x[n-1]``, ``y[0] = 0.03 x[0]``;
    - Hamming window, symmetric: ``0.54 - 0.46 cos(2πn / (length - 1))``;
    - power spectrum, zero-padded to the next power of two (512 for 25 ms);
    - triangular filters, equidistant on ``mel = 1127 ln(1 + f/700)`` from 0 to 8000 Hz, linear in mel, without the
      bins at 0 and 8000 Hz; the sums refer to samples of ±32767;
    - natural logarithm, sums below 1 count as 1;
    - cosine transform ``√(2/bands) Σ_m log E_m cos(πi(m + ½)/bands)``, times ``1 + 11 sin(πi/22)``;
    - deltas and accelerations as in :func:`~mtser.features.deltas.with_deltas`. In utterances of fewer than four
      frames openSMILE takes frames behind the end for zeros; there, and only there, that function makes the deltas.

    openSMILE is free for research, not for products (audEERING's licence);
    :class:`~mtser.features.torch_mfcc.TorchMFCC` gives the same numbers without it.

    Parameters
    ----------
    frame_length, frame_step
        In seconds, rounded to whole samples at 16 kHz.
    n_coefficients
        Cepstral coefficients from C0 on; a frame has three times as many values.
    n_mel
        Mel bands.

    Raises
    ------
    FeatureError
        If an option cannot be used; at the first use, if openSMILE is not installed.

    Example
    -------
    >>> extractor = OpenSmileMFCC()
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> extractor.extract(noise).shape
    (66, 39)
    """

    def __init__(
        self, frame_length: float = 0.025, frame_step: float = 0.015, n_coefficients: int = 13, n_mel: int = 26
    ) -> None:
        self._length, self._step = samples_of_frames(frame_length, frame_step)
        check_bands(n_coefficients, n_mel, self._length)
        self.n_coefficients = n_coefficients
        self.n_mel = n_mel
        self._instances = threading.local()

    @property
    def dimension(self) -> int:
        """Values a frame."""
        return 3 * self.n_coefficients

    @property
    def frame_length(self) -> float:
        """Length of a frame in seconds."""
        return self._length / SAMPLE_RATE

    @property
    def frame_step(self) -> float:
        """Time from frame to frame in seconds."""
        return self._step / SAMPLE_RATE

    def settings(self) -> dict[str, Any]:
        """What determines the numbers; the configuration file is part of it."""
        return {
            "class": type(self).__name__,
            "opensmile": self._opensmile.__version__,
            "configuration": hashlib.sha256(CONFIGURATION.read_bytes()).hexdigest(),
            "frame_length": self._length,
            "frame_step": self._step,
            "n_coefficients": self.n_coefficients,
            "n_mel": self.n_mel,
        }

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance: ``[samples]`` → float32 ``[frames, 3 * n_coefficients]``.

        One openSMILE instance a thread is used again and again: starting one costs as much as half a second of audio.
        """
        samples = sixteen_bit(waveform, self._length)
        features = np.empty((1 + (len(samples) - self._length) // self._step, self.dimension), np.float32)
        row, start, rows = features.strides[0], features.ctypes.data, 0

        def keep(vector: int, size: int, _: int | None) -> int:
            nonlocal rows
            if rows < len(features) and size == self.dimension:
                ctypes.memmove(start + rows * row, vector, row)
            rows += 1
            return 1

        try:
            self._instance().run(samples, keep)
        except _OpenSmileFailure as error:
            self._instances = threading.local()  # whatever state it is in, the next utterance gets a new one
            raise FeatureError(f"openSMILE failed ({error})") from error
        if rows != len(features):
            raise FeatureError(f"openSMILE gave {rows} frames instead of {len(features)}")
        if rows < 4:
            static = torch.from_numpy(features[:, : self.n_coefficients]).double()
            features = with_deltas(static).float().numpy()
        return features

    @cached_property
    def _opensmile(self) -> Any:
        """The openSMILE package; imported late, for it brings pandas along."""
        try:
            import opensmile
        except ImportError as error:
            raise FeatureError(
                "openSMILE is not installed: `pip install opensmile`, or choose TorchMFCC, which has the same numbers."
            ) from error
        return opensmile

    def _instance(self) -> "_OpenSmile":
        """The openSMILE of the calling thread."""
        if not hasattr(self._instances, "smile"):
            options = {
                "frameLength": self._length,
                "frameStep": self._step,
                "lastCoefficient": self.n_coefficients - 1,
                "nMel": self.n_mel,
            }
            self._instances.smile = _OpenSmile(self._opensmile, options)
        return self._instances.smile

    def __getstate__(self) -> dict[str, Any]:
        """Instances of openSMILE stay in their process."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_instances", "_opensmile")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._instances = threading.local()


class _OpenSmileFailure(Exception):
    """openSMILE returned an error."""


class _OpenSmile:
    """One instance of openSMILE with our configuration, run again and again.

    ``opensmile.Smile`` makes a new instance for each file, and takes no folder whose name is not ASCII.
    """

    def __init__(self, package: Any, options: dict[str, int]) -> None:
        self._library = package.core.lib
        self._api = self._library.smileapi
        self._object = self._api.smile_new()
        folder = Path(package.__file__).parent / "core" / package.config.CONFIG_ROOT
        every: dict[str, Any] = {
            "source": folder / package.config.EXTERNAL_INPUT_CONFIG,
            "sink": folder / package.config.EXTERNAL_OUTPUT_SINGLE_CONFIG,
            "sinkLevel": "features",
            "sampleRate": SAMPLE_RATE,
            **options,
        }
        flat = [os.fsencode(str(text)) for option in every.items() for text in option]
        # Log level 0, no debugging, nothing on the console, no log file.
        self._check(
            self._api.smile_initialize(
                self._object, os.fsencode(CONFIGURATION), len(every), self._library.c_char_p_arr(flat), 0, 0, 0, None
            )
        )

    def run(self, samples: np.ndarray, keep: Callable[[int, int, int | None], int]) -> None:
        """Process 16-bit samples; ``keep(address, size, None)`` is called with each frame's vector."""
        callback = _Callback(keep)  # has to live until the run is over
        data = samples.tobytes()
        self._check(
            self._api.smile_extsink_set_data_callback(
                self._object, b"extsink", ctypes.cast(callback, self._library.ExternalSinkCallback), None
            )
        )
        self._check(self._api.smile_extaudiosource_write_data(self._object, b"extsource", data, len(data)))
        self._check(self._api.smile_extaudiosource_set_external_eoi(self._object, b"extsource"))
        self._check(self._api.smile_run(self._object))
        self._check(self._api.smile_reset(self._object))

    def _check(self, result: int) -> None:
        if result != self._library.SMILE_SUCCESS:
            message = (self._api.smile_error_msg(self._object) or b"no message").decode(errors="replace")
            raise _OpenSmileFailure(f"code {result}: {message}")

    def __del__(self) -> None:
        if getattr(self, "_object", None) is not None:
            self._api.smile_free(self._object)
            self._object = None
