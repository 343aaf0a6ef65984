"""Attention between words, as maps."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from mtser.inference.recognition import Recognition
from mtser.pictures import shortened
from mtser.prediction.pictures.canvas import GREY, INK, text_width

_SMALLEST, _LARGEST, _CELL = 1.5, 4.3, 0.2  # inches
_LONGEST_WORD = 12  # letters


@dataclass(frozen=True)
class Maps:
    """Maps, and where each lies.

    Parameters
    ----------
    placed
        Name, matrix ``[words, words]`` and its left and upper end, in inches.
    words
        Of rows and columns.
    side, margin
        Of each map, and the room for words beside and above it, in inches.
    size
        Of the words, in points.
    height
        Of all together, in inches.
    """

    placed: tuple[tuple[str, np.ndarray, float, float], ...]
    words: tuple[str, ...]
    side: float
    margin: float
    size: float
    height: float


def place_maps(found: Recognition, left: float, right: float, below: float) -> Maps:
    """Decide where the attention maps of a recording lie; there are none for a single word.

    Parameters
    ----------
    left, right
        The room beside the probabilities, in inches.
    below
        Where the probabilities end, in inches: maps that are too large to stand beside them stand below, two in a row.
    """
    n_judged = min((len(matrix) for matrix in found.between_words.values()), default=0)
    words = tuple(shortened(one.word.word, _LONGEST_WORD) for one in found.words[:n_judged])
    if len(words) < 2 or not found.between_words:
        return Maps((), words, 0.0, 0.0, 8.0, 0.0)
    side = float(np.clip(_CELL * len(words), _SMALLEST, _LARGEST))
    size = min(8.0, 0.85 * 72 * side / len(words))
    margin = max(text_width(word, size) for word in words) + 0.1
    column, row = side + margin + 0.2, side + margin + 0.55
    beside = 2 * column <= right - left or len(found.between_words) == 1 and column <= right - left
    left, above = (left, 0.0) if beside else (0.15, below)
    rows = -(-len(found.between_words) // max(1, int((right - left) // column)))
    across = -(-len(found.between_words) // rows)  # rows of equal length
    placed = tuple(
        (name, matrix, left + (i % across) * column + margin, above + (i // across) * row + margin + 0.45)
        for i, (name, matrix) in enumerate(found.between_words.items())
    )
    return Maps(placed, words, side, margin, size, above + rows * row + 0.1)


def draw_maps(maps: Maps, axes_at: Callable[[float, float, float, float], Axes], top: float) -> None:
    """Draw them below ``top`` (inches)."""
    for name, matrix, left, above in maps.placed:
        axes = axes_at(left, top + above, maps.side, maps.side)
        shares = np.asarray(matrix, float)
        even, most = 1 / len(maps.words), float(shares.max())
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=max(most, 2 * even), aspect="auto")
        ticks = range(len(maps.words))
        axes.set_xticks(ticks, maps.words, rotation=90, fontsize=maps.size, color=INK, parse_math=False)
        axes.set_yticks(ticks, maps.words, fontsize=maps.size, color=INK, parse_math=False)
        axes.xaxis.tick_top()
        axes.tick_params(length=0, pad=2)
        axes.spines[:].set_color(GREY)
        axes.spines[:].set_linewidth(0.5)
        above_words = 1 + (maps.margin + 0.06) / maps.side
        axes.text(0, above_words, f"attention, {name}", transform=axes.transAxes, fontsize=9, color=INK)
        axes.set_xlabel(f"rows sum to 1; even {even:.2f}, most {most:.2f}", fontsize=7, color=GREY, labelpad=3)
