"""What all pictures of a recording share: colours, the widths of texts, the outline of the sound.

Colours are those of Okabe & Ito and scales that colour-blind readers tell apart; what a colour says, a word or a number
says, too.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from mtser.pictures import columns_of

WIDTH = 11.0
"""Of every picture, in inches."""
INK, GREY, LIGHT, PALE = "#222222", "#666666", "#d4d4d4", "#f2f2f2"
EMOTIONS = ("#D55E00", "#E69F00", "#0072B2", "#999999", "#009E73", "#CC79A7", "#56B4E9", "#F0E442")
"""Colours of the classes, in the model's order; a ninth class begins anew, with a hatching."""
CONTRIBUTION: Colormap = colormaps["PuOr_r"]
"""From purple (the word spoke against the emotion) over white to orange (it spoke for it)."""
SHARE: Colormap = colormaps["Greys"]
"""Of attention."""
_LETTER = 0.0077  # inches a letter and point of size, on average


def colour_of(index: int) -> str:
    """The colour of a class."""
    return EMOTIONS[index % len(EMOTIONS)]


def hatch_of(index: int) -> str | None:
    """The hatching of a class."""
    return None if index < len(EMOTIONS) else "///" if index < 2 * len(EMOTIONS) else "..."


def text_width(text: str, size: float) -> float:
    """About how many inches a text is wide."""
    return _LETTER * size * columns_of(text)


def ink_on(rgba: Sequence[float]) -> str:
    """Dark or white: what can be read on a colour."""
    red, green, blue = rgba[:3]
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"


def outline(samples: np.ndarray, n_points: int) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest sample of each of so many equal stretches: ``[n_points]`` each."""
    if not len(samples):
        return np.zeros(n_points), np.zeros(n_points)
    edges = np.linspace(0, len(samples), n_points + 1).astype(int)[:-1]
    edges = np.minimum(edges, len(samples) - 1)
    return np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)


def bare(axes: Axes, *, bottom: bool = False) -> None:
    """Remove the frame and the ticks; the time axis may stay."""
    axes.spines[["top", "left", "right"]].set_visible(False)
    axes.spines["bottom"].set_visible(bottom)
    axes.spines["bottom"].set_color(GREY)
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=8, labelcolor=INK, color=GREY)
    if not bottom:
        axes.set_xticks([])


def clock(seconds: float) -> str:
    """Seconds as a time.

    Example
    -------
    >>> clock(5), clock(75), clock(3675)
    ('0:05', '1:15', '1:01:15')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
