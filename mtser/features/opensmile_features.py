"""openSMILE's feature sets: functionals of an utterance, and the contours behind them frame by frame."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mtser.audio import SAMPLE_RATE
from mtser.errors import FeatureError
from mtser.features.extractor import Extractor, FrameExtractor, UnusableFeaturesError, UtteranceExtractor
from mtser.features.framing import sixteen_bit
from mtser.features.opensmile_runner import OpenSmileRunner

PROSODY = Path(__file__).with_name("prosody.conf")
"""The openSMILE configuration of the feature set "prosody"."""

FEATURE_SETS = (
    "prosody",
    *("eGeMAPSv02", "eGeMAPSv01b", "eGeMAPSv01a", "eGeMAPS", "GeMAPSv01b", "GeMAPSv01a", "GeMAPS"),
    *("ComParE_2016", "IS13", "IS12", "IS11", "IS10", "IS09", "emobase"),
)
"""The feature sets that have names: mtser's own, and those of the openSMILE package (``opensmile.FeatureSet``)."""


class OpenSmileFeatures(Extractor):
    r"""What both extractors below share.

    Parameters
    ----------
    feature_set
        One of :data:`FEATURE_SETS`, or a configuration file of one's own (``*.conf``). Such a file takes its audio from
        the level ``wave`` and includes ``\{\cm[source{?}:...]}`` and ``\{\cm[sink{?}:...]}``, as the openSMILE
        package wants it.
    level
        The data level whose rows are wanted; that is openSMILE's name for a component's output.

    Raises
    ------
    FeatureError
        If there is no such feature set or file; at the first use, if openSMILE is not installed.
    """

    def __init__(self, feature_set: str, level: str) -> None:
        self.feature_set = feature_set
        self.level = level
        self._smile = OpenSmileRunner(_configuration(feature_set), level)

    @property
    def dimension(self) -> int:
        """Values a row."""
        return len(self._smile.names)

    @property
    def names(self) -> list[str]:
        """What openSMILE calls the values of a row."""
        return self._smile.names

    def settings(self) -> dict[str, Any]:
        """What determines the numbers; a configuration file and the files that it includes are part of it."""
        return {"class": type(self).__name__, "level": self.level, **self._smile.settings()}

    def _rows(self, waveform: np.ndarray) -> np.ndarray:
        """``[samples]`` → float32 ``[rows, dimension]``, at least one row."""
        rows = self._smile.run(sixteen_bit(waveform, 1))
        if not len(rows):
            raise UnusableFeaturesError(
                "too short for openSMILE", f"{len(waveform) / SAMPLE_RATE:.3f} s of audio gave no {self.level}"
            )
        return rows


class OpenSmileFunctionals(OpenSmileFeatures, UtteranceExtractor):
    """Functionals (mean, percentiles, slopes, ...) of openSMILE's contours: one vector an utterance.

    - "eGeMAPSv02": 88 values; Eyben et al., "The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice Research
      and Affective Computing", IEEE Transactions on Affective Computing, 2016. "GeMAPSv01b": 62.
    - "ComParE_2016": 6373 values; Schuller et al., "The INTERSPEECH 2016 Computational Paralinguistics Challenge".
    - "prosody": 35 values, those of Yoon, Byun and Jung, "Multimodal Speech Emotion Recognition Using Audio and Text",
      SLT 2018. The paper names F0, voicing probability and loudness; the configuration that its authors published has
      five contours (F0 in hertz and in semitones, voicing, harmonics-to-noise ratio, loudness) and seven functionals of
      each (standard deviation, mean, slope, centroid, 10 % and 90 % percentile, their distance; of the first four over
      the frames where they are not 0). Ours (``prosody.conf``) gives the same numbers, to the last bit.

    The values are those of ``opensmile.Smile(feature_set).process_signal``, but for one thing: samples are rounded to
    16 bits, while that truncates them (no difference for 16-bit files at 16 kHz). openSMILE is free for research, not
    for products (audEERING's licence).

    Parameters
    ----------
    feature_set
        One of :data:`FEATURE_SETS`, or a configuration file of one's own (``*.conf``).
    level
        Where the configuration has its functionals; it gives one row an utterance.

    Raises
    ------
    FeatureError
        If there is no such feature set or file; at the first use, if openSMILE is not installed.

    Example
    -------
    >>> extractor = OpenSmileFunctionals("eGeMAPSv02")
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> extractor.extract(noise).shape, extractor.names[10]
    ((1, 88), 'loudness_sma3_amean')
    >>> OpenSmileFunctionals("prosody").dimension
    35
    """

    def __init__(self, feature_set: str = "eGeMAPSv02", level: str = "func") -> None:
        super().__init__(feature_set, level)

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the vector of one utterance: ``[samples]`` → float32 ``[1, dimension]``."""
        rows = self._rows(waveform)
        if len(rows) > 1:
            raise FeatureError(
                f"the level {self.level} of {self.feature_set} has {len(rows)} rows for one utterance; give the level "
                "of its functionals, or choose OpenSmileFrames."
            )
        return rows


class OpenSmileFrames(OpenSmileFeatures, FrameExtractor):
    """openSMILE's contours (low-level descriptors), frame by frame.

    eGeMAPSv02 has 25 (loudness, spectrum, pitch, voice quality, formants), ComParE_2016 65, "prosody" five: F0 in hertz
    and in semitones above 27.5 Hz (0 where unvoiced), voicing, harmonics-to-noise ratio, loudness.

    Where contours come from windows of several lengths (eGeMAPSv02: 20 and 60 ms), ``frame_length`` is the length that
    openSMILE tells for the whole row. Frames start every ``frame_step``, whatever their window.

    Parameters
    ----------
    feature_set
        One of :data:`FEATURE_SETS`, or a configuration file of one's own (``*.conf``).
    level
        Where the configuration has its contours ("lld_de": their deltas, in the sets that have them).

    Raises
    ------
    FeatureError
        If there is no such feature set or file; at the first use, if openSMILE is not installed.

    Example
    -------
    >>> extractor = OpenSmileFrames("eGeMAPSv02")
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    >>> extractor.extract(noise).shape, extractor.frame_length, extractor.frame_step
    ((96, 25), 0.02, 0.01)
    """

    def __init__(self, feature_set: str = "eGeMAPSv02", level: str = "lld") -> None:
        super().__init__(feature_set, level)

    @property
    def frame_length(self) -> float:
        """Length of a frame in seconds."""
        return self._times[0]

    @property
    def frame_step(self) -> float:
        """Time from frame to frame in seconds."""
        return self._times[1]

    @cached_property
    def _times(self) -> tuple[float, float]:
        """Length and step of a frame, as openSMILE tells them."""
        return self._smile.frame_times()

    def extract(self, waveform: np.ndarray) -> np.ndarray:
        """Compute the frames of one utterance: ``[samples]`` → float32 ``[frames, dimension]``."""
        return self._rows(waveform)


def _configuration(feature_set: str) -> Path | str:
    """A file, or the name of a set that the openSMILE package has."""
    if feature_set == "prosody":
        return PROSODY
    if feature_set.endswith(".conf"):
        if not Path(feature_set).is_file():
            raise FeatureError(f"feature_set: there is no file {feature_set}.")
        return Path(feature_set)
    if feature_set not in FEATURE_SETS:
        raise FeatureError(
            f"feature_set is {feature_set!r}; it can be {', '.join(sorted(FEATURE_SETS, key=str.lower))} or the path "
            "of a configuration file (*.conf)."
        )
    return feature_set
