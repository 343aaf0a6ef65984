"""openSMILE with one configuration, run again and again from any thread."""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mtser.errors import FeatureError
from mtser.features.opensmile_instance import OpenSmileFailure, OpenSmileInstance, configuration_folder

Result = TypeVar("Result")

# An include: \{file}, or \{\cm[option{file}:help]} with a file as the option's default.
_INCLUDE = re.compile(rb"\\\{(?:\\cm\[\w+\{)?([^\\{}\[\]]+)\}")

# The level that a component writes.
_LEVEL = re.compile(rb"^\s*writer\.dmLevel\s*=\s*([^\s;]+)", re.MULTILINE)


class OpenSmileRunner:
    """openSMILE with one configuration: 16-bit samples at 16 kHz → rows of features.

    Each thread has an instance of its own that it uses again and again: starting one costs as much as about a second of
    audio. A runner can be pickled; the instances stay in their process. The openSMILE package is imported at the first
    use, for it brings pandas along.

    Parameters
    ----------
    configuration
        A file, or the name that one of openSMILE's own feature sets has in ``opensmile.FeatureSet`` ("eGeMAPSv02").
    level
        The openSMILE data level whose rows are wanted ("func").
    options
        The configuration's own command-line options.
    instead
        What to take without openSMILE, for the error.

    Example
    -------
    >>> runner = OpenSmileRunner("eGeMAPSv02", "func")
    >>> noise = np.random.default_rng(0).normal(0, 3000, 16000).astype(np.int16)
    >>> runner.run(noise).shape, runner.names[0]
    ((1, 88), 'F0semitoneFrom27.5Hz_sma3nz_amean')
    """

    def __init__(
        self, configuration: Path | str, level: str, options: Mapping[str, int] | None = None, instead: str = ""
    ) -> None:
        self.configuration = configuration
        self.level = level
        self.options = dict(options or {})
        self.instead = instead
        self._instances = threading.local()

    @cached_property
    def package(self) -> Any:
        """The openSMILE package.

        Raises
        ------
        FeatureError
            If it is not installed.
        """
        try:
            import opensmile
        except ImportError as error:
            way_out = f", or choose {self.instead}" if self.instead else ""
            raise FeatureError(f"openSMILE is not installed: `pip install opensmile`{way_out}.") from error
        return opensmile

    def settings(self) -> dict[str, str]:
        """What determines the numbers, but for level and options: openSMILE's version and the configuration."""
        configuration = self.configuration
        if isinstance(configuration, Path):
            digest = hashlib.sha256()
            for content in _contents(configuration):
                digest.update(content)
            configuration = digest.hexdigest()
        return {"opensmile": self.package.__version__, "configuration": configuration}

    @cached_property
    def names(self) -> list[str]:
        """What openSMILE calls the values of a row."""
        return self._call(OpenSmileInstance.names)

    def frame_times(self) -> tuple[float, float]:
        """Length of a frame and time from frame to frame in seconds, as openSMILE tells them.

        Raises
        ------
        FeatureError
            If a second of audio gives less than two frames.
        """
        times = self._call(OpenSmileInstance.frame_times)
        if times is None:
            raise FeatureError(f"openSMILE's level {self.level} gives less than two frames a second: no contours.")
        return times

    def run(self, samples: np.ndarray) -> np.ndarray:
        """Process one utterance.

        Parameters
        ----------
        samples
            int16 ``[samples]`` at 16 kHz.

        Returns
        -------
        np.ndarray
            float32 ``[rows, values]``; no row if openSMILE found the audio too short.

        Raises
        ------
        FeatureError
            If openSMILE fails.
        """
        return self._call(lambda smile: smile.run(samples))

    def _call(self, work: Callable[[OpenSmileInstance], Result]) -> Result:
        """What ``work`` returns for the openSMILE of the calling thread."""
        try:
            if not hasattr(self._instances, "smile"):
                self._instances.smile = OpenSmileInstance(self.package, self._file(), self.level, self.options)
            return work(self._instances.smile)
        except OpenSmileFailure as error:
            self._instances = threading.local()  # whatever state it is in, the next utterance gets a new one
            raise FeatureError(f"openSMILE failed ({error})") from error

    def _file(self) -> Path:
        """The configuration file, checked."""
        file = self.configuration
        if isinstance(file, str):
            name = self.package.FeatureSet[file].value + self.package.config.CONFIG_EXT
            file = configuration_folder(self.package) / name
        _check_level(file, self.level)
        return file

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_instances", "package")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._instances = threading.local()


def _contents(configuration: Path) -> Iterator[bytes]:
    """What is in a configuration file and in the files that it includes."""
    waiting, seen = [configuration], set()
    while waiting:
        path = waiting.pop()
        if path.is_file() and path.resolve() not in seen:
            seen.add(path.resolve())
            content = path.read_bytes()
            yield content
            waiting += [path.parent / os.fsdecode(name) for name in _INCLUDE.findall(content)]


def _check_level(configuration: Path, level: str) -> None:
    """Refuse a level that nothing writes: openSMILE would end the process."""
    levels = {os.fsdecode(name) for content in _contents(configuration) for name in _LEVEL.findall(content)}
    if level not in levels:
        known = ", ".join(sorted(levels))
        raise FeatureError(f"{configuration}: no component writes the level {level!r}; there are {known}.")
