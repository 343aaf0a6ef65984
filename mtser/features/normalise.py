"""Mean and variance normalisation of frames, over all of the training part, each speaker or each utterance."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from scipy.sparse import csr_matrix

from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError

Normalisation = Literal["train", "speaker", "utterance", "none"]
"""Whose frames give mean and standard deviation; "train" means the training part of the fold."""

_ROWS = 1 << 16  # frames at a time, and numbers: the double-precision copies stay small
_NUMBERS = 1 << 23
_CONSTANT = 1e-6  # a standard deviation below this part of the mean's size is rounding


def check_normalisation(by: str, offered: Sequence[str] = get_args(Normalisation)) -> None:
    """Refuse a normalisation that there is not.

    Raises
    ------
    ConfigError
        That lists those there are.
    """
    if by not in offered:
        raise ConfigError(f"normalise is {by!r}; it can be {', '.join(offered[:-1])} or {offered[-1]}.")


def notes_on(by: Normalisation, what: str = "Sound") -> tuple[str, ...]:
    """What a report has to say of a normalisation."""
    if by != "speaker":
        return ()
    return (
        f"{what} is normalised by speaker: by mean and deviation of all utterances that the corpus has of a speaker, "
        "those of the test part too, without their labels.",
    )


def normalised_by_owner(
    values: np.ndarray, by: Normalisation, utterances: Sequence[Utterance], lengths: np.ndarray
) -> np.ndarray:
    """What an input does before training: normalise by each speaker's or each utterance's own rows.

    Parameters
    ----------
    values
        ``[rows, dim]``: those of the first utterance, then of the second, ...; of float32 the result takes the place.
    by
        "train" and "none" leave the values as they are: an encoder does the former.
    utterances
        Whose rows.
    lengths
        ``[utterances]``: rows of each.

    Returns
    -------
    np.ndarray
        float32 ``[rows, dim]``.
    """
    if by not in ("speaker", "utterance"):
        return values
    owner = [one.speaker if by == "speaker" else one.id for one in utterances]
    _, number = np.unique(owner, return_inverse=True)
    out = values if values.dtype == np.float32 else None
    return normalise(values, by, **{by: np.repeat(number, lengths)}, out=out)


def mean_and_std(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every dimension.

    Parameters
    ----------
    values
        ``[frames, dim]``, at least one frame.

    Returns
    -------
    tuple
        float64 ``[dim]`` each, accumulated in double precision. The standard deviation is the population's (divided
        by the number of frames); a constant dimension gets 1, so that it normalises to zero.

    Example
    -------
    >>> mean, std = mean_and_std(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> mean.tolist(), std.tolist()
    ([2.0, 5.0], [1.0, 1.0])
    """
    mean, std = group_mean_and_std(values, np.zeros(len(values), dtype=np.int64), 1)
    return mean[0], std[0]


def group_mean_and_std(values: np.ndarray, groups: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every dimension within each group.

    Parameters
    ----------
    values
        ``[frames, dim]``.
    groups
        int ``[frames]``: each frame's group, from 0 on, in any order.
    n_groups
        How many there are; each has at least one frame.

    Returns
    -------
    tuple
        float64 ``[groups, dim]`` each, as :func:`mean_and_std` gives them.

    Example
    -------
    >>> mean, std = group_mean_and_std(np.array([[1.0], [8.0], [3.0]]), np.array([0, 1, 0]), 2)
    >>> mean.ravel().tolist(), std.ravel().tolist()
    ([2.0, 8.0], [1.0, 1.0])
    """
    counts = np.bincount(groups, minlength=n_groups)[:, None]
    if len(counts) > n_groups or not counts.all():
        raise ValueError(f"each of {n_groups} groups needs a frame, and each frame one of these groups")
    mean = _sums(values, groups, n_groups, np.zeros((n_groups, values.shape[1])), 1) / counts
    # The second pass over the deviations is exact where the difference of squares would cancel.
    std = np.sqrt(_sums(values, groups, n_groups, mean, 2) / counts)
    return mean, np.where(std <= _CONSTANT * np.abs(mean), 1.0, std)


def _sums(values: np.ndarray, groups: np.ndarray, n_groups: int, shift: np.ndarray, power: int) -> np.ndarray:
    """Sum ``(values - shift of the group) ** power`` within each group: float64 ``[groups, dim]``."""
    total = np.zeros((n_groups, values.shape[1]))
    rows = _rows_at_once(values)
    for start in range(0, len(values), rows):
        group = groups[start : start + rows]
        deviation = (values[start : start + rows] - shift[group]) ** power
        # One 1 a column: the product adds up the rows of each group.
        members = csr_matrix((np.ones(len(group)), group, np.arange(len(group) + 1)), (len(group), n_groups)).T
        total += members @ deviation
    return total


def _rows_at_once(values: np.ndarray) -> int:
    return min(_ROWS, max(1, _NUMBERS // max(1, values.shape[1])))


def normalise(
    values: np.ndarray,
    by: Normalisation,
    train: np.ndarray | None = None,
    speaker: np.ndarray | None = None,
    utterance: np.ndarray | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Subtract the mean and divide by the standard deviation of the frames that ``by`` names.

    Parameters
    ----------
    values
        float32 ``[frames, dim]``.
    by
        "train", "speaker", "utterance" or "none" (the values as they are).
    train
        bool ``[frames]``: whether a frame belongs to the training part; needed by "train".
    speaker, utterance
        int ``[frames]``: numbers from 0 on without a gap; the one that ``by`` names is needed.
    out
        As for :func:`apply`.

    Returns
    -------
    np.ndarray
        float32 ``[frames, dim]``.

    Raises
    ------
    ConfigError
        If there is no such normalisation.

    Example
    -------
    >>> values = np.array([[1.0], [3.0], [10.0]], np.float32)
    >>> normalise(values, "train", train=np.array([True, True, False])).ravel().tolist()
    [-1.0, 1.0, 8.0]
    >>> normalise(values, "utterance", utterance=np.array([0, 0, 1])).ravel().tolist()
    [-1.0, 1.0, 0.0]
    """
    if by == "none":
        return values
    if by == "train" and train is not None:
        mean, std = mean_and_std(values[train])
        return apply(values, mean[None], std[None], np.zeros(len(values), dtype=np.int64), out)
    groups = {"speaker": speaker, "utterance": utterance}.get(by)
    if groups is None:
        if by in get_args(Normalisation):
            raise ValueError(f"normalisation by {by} needs the argument {by!r}")
        raise ConfigError(f"there is no normalisation by {by!r}; choose one of {', '.join(get_args(Normalisation))}.")
    mean, std = group_mean_and_std(values, groups, int(groups.max()) + 1 if len(groups) else 0)
    return apply(values, mean, std, groups, out)


def apply(
    values: np.ndarray, mean: np.ndarray, std: np.ndarray, groups: np.ndarray, out: np.ndarray | None = None
) -> np.ndarray:
    """Normalise each frame with its group's statistics.

    Parameters
    ----------
    values
        ``[frames, dim]``.
    mean, std
        ``[groups, dim]``.
    groups
        int ``[frames]``.
    out
        float32 ``[frames, dim]``: where to, ``values`` themselves if need be; default: a new array.

    Returns
    -------
    np.ndarray
        float32 ``[frames, dim]``, computed in double precision.

    Example
    -------
    >>> apply(np.array([[5.0]]), np.array([[3.0]]), np.array([[2.0]]), np.array([0]))
    array([[1.]], dtype=float32)
    """
    result = np.empty(values.shape, dtype=np.float32) if out is None else out
    rows = _rows_at_once(values)
    for start in range(0, len(values), rows):
        portion = slice(start, start + rows)
        result[portion] = (values[portion] - mean[groups[portion]]) / std[groups[portion]]
    return result
