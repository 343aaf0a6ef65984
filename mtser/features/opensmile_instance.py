"""One instance of openSMILE, through the C interface of its Python package."""

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mtser.audio import SAMPLE_RATE

# A sink's callback, with a plain address in place of a float pointer: that converts faster, once a row.
_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p)


class OpenSmileFailure(Exception):
    """openSMILE returned an error; afterwards the instance cannot be used."""


class OpenSmileInstance:
    """openSMILE with one configuration, for one thread, run again and again.

    ``opensmile.Smile`` makes a new instance for each file, and takes no folder whose name is not ASCII. After a run the
    instance is reset: then it gives the numbers of a new one, to the last bit.

    Parameters
    ----------
    package
        The openSMILE package.
    configuration
        The file.
    level
        The data level whose rows are wanted. **A level that no component writes ends the process.**
    options
        The configuration's own command-line options.

    Raises
    ------
    OpenSmileFailure
        If openSMILE does not take the configuration.
    """

    def __init__(self, package: Any, configuration: Path, level: str, options: Mapping[str, int]) -> None:
        self._library = package.core.lib
        self._api = self._library.smileapi
        folder = configuration_folder(package)
        every: dict[str, Any] = {
            "source": folder / package.config.EXTERNAL_INPUT_CONFIG,
            "sink": folder / package.config.EXTERNAL_OUTPUT_SINGLE_CONFIG,
            "sinkLevel": level,
            "sampleRate": SAMPLE_RATE,
            "bufferModeRbConf": folder / "shared" / "BufferModeRb.conf.inc",
            "frameModeFunctionalsConf": folder / "shared" / "FrameModeFunctionals.conf.inc",
            **options,
        }
        flat = [os.fsencode(str(text)) for option in every.items() for text in option]
        self._object = self._api.smile_new()
        # Log level 0, no debugging, nothing on the console, no log file.
        self._check(
            self._api.smile_initialize(
                self._object, os.fsencode(configuration), len(every), self._library.c_char_p_arr(flat), 0, 0, 0, None
            )
        )

    def names(self) -> list[str]:
        """The names of a row's values."""
        count, name = ctypes.c_long(), ctypes.c_char_p()
        self._check(self._api.smile_extsink_get_num_elements(self._object, b"extsink", ctypes.byref(count)))
        names = []
        for number in range(count.value):
            self._check(self._api.smile_extsink_get_element_name(self._object, b"extsink", number, ctypes.byref(name)))
            names.append((name.value or b"").decode())
        return names

    def frame_times(self) -> tuple[float, float] | None:
        """Length and step of the frames in seconds; None without two frames in a second of silence."""
        frames: list[tuple[float, float]] = []

        def keep(_vector: int, _n_rows: int, _n_values: int, about: Any, _user: int | None) -> int:
            frames.append((about.contents.lengthSec, about.contents.period))
            return 1

        callback = self._library.ExternalSinkCallbackEx(keep)
        self._check(self._api.smile_extsink_set_data_callback_ex(self._object, b"extsink", callback, None))
        self._process(np.zeros(SAMPLE_RATE, np.int16))
        nobody = self._library.ExternalSinkCallbackEx()
        self._check(self._api.smile_extsink_set_data_callback_ex(self._object, b"extsink", nobody, None))
        length, step = frames[0] if len(frames) > 1 else (0.0, 0.0)
        return (round(length, 6), round(step, 6)) if step > 0 else None

    def run(self, samples: np.ndarray) -> np.ndarray:
        """16-bit samples → float32 ``[rows, values]``."""
        rows: list[bytes] = []
        width = 0

        def keep(vector: int, size: int, _: int | None) -> int:
            nonlocal width
            width = size
            rows.append(ctypes.string_at(vector, 4 * size))
            return 1

        callback = _Callback(keep)  # has to live until the run is over
        self._check(
            self._api.smile_extsink_set_data_callback(
                self._object, b"extsink", ctypes.cast(callback, self._library.ExternalSinkCallback), None
            )
        )
        self._process(samples)
        return np.frombuffer(bytearray().join(rows), np.float32).reshape(len(rows), width)

    def _process(self, samples: np.ndarray) -> None:
        """Let the samples run through to the callback."""
        data = samples.tobytes()
        self._check(self._api.smile_extaudiosource_write_data(self._object, b"extsource", data, len(data)))
        self._check(self._api.smile_extaudiosource_set_external_eoi(self._object, b"extsource"))
        self._check(self._api.smile_run(self._object))
        self._check(self._api.smile_reset(self._object))

    def _check(self, result: int) -> None:
        if result != self._library.SMILE_SUCCESS:
            message = (self._api.smile_error_msg(self._object) or b"no message").decode(errors="replace")
            raise OpenSmileFailure(f"code {result}: {message}")

    def __del__(self) -> None:
        if getattr(self, "_object", None) is not None:
            self._api.smile_free(self._object)
            self._object = None


def configuration_folder(package: Any) -> Path:
    """Where the openSMILE package keeps its configuration files."""
    return Path(package.__file__).parent / "core" / package.config.CONFIG_ROOT
