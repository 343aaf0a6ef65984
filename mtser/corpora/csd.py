"""Computational sequences (.csd) of the CMU Multimodal SDK: HDF5 files of features with times, by video.

The layout is ``<sequence name>/data/<video>/features`` ``[n, d]`` and ``.../intervals`` ``[n, 2]`` (seconds).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtser.errors import CorpusError, MtserError


@dataclass(frozen=True, slots=True)
class Sequence:
    """The rows of one video.

    Parameters
    ----------
    features
        ``[rows, ...]``: numbers, or bytes for words.
    intervals
        float64 ``[rows, 2]``: start and end of each row in the video, in seconds.
    """

    features: np.ndarray
    intervals: np.ndarray


def read_csd(path: str | Path) -> tuple[dict[str, Sequence], list[str]]:
    """Read a computational sequence.

    Returns
    -------
    dict
        Video → its rows, sorted by name.
    list of str
        The videos that cannot be read: without features or intervals, or with different numbers of them.

    Raises
    ------
    CorpusError
        If the file cannot be read or is no computational sequence.
    MtserError
        If h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MtserError("Reading .csd files needs h5py: pip install mtser[mosei].") from error
    found: dict[str, Sequence] = {}
    damaged = []
    try:
        with h5py.File(path, "r") as file:
            roots = [group["data"] for group in file.values() if isinstance(group, h5py.Group) and "data" in group]
            if len(roots) != 1 or not isinstance(roots[0], h5py.Group):
                raise CorpusError(f"{path}: is no computational sequence; expected one group that holds 'data'.")
            for video in sorted(roots[0]):
                try:
                    features = np.asarray(roots[0][video]["features"])
                    intervals = np.asarray(roots[0][video]["intervals"], dtype=np.float64)
                except (KeyError, TypeError, ValueError, OSError):
                    damaged.append(video)
                    continue
                if intervals.ndim != 2 or intervals.shape[1] != 2 or len(features) != len(intervals):
                    damaged.append(video)
                else:
                    found[video] = Sequence(features, intervals)
    except OSError as error:
        reason = error.strerror or str(error).partition("(")[0].strip().rstrip(".").lower()
        raise CorpusError(f"{path}: cannot be read ({reason}).") from error
    return found, damaged
