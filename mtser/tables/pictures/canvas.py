"""What all pictures of a report share: size, colours, a list of systems from top to bottom.

The pictures are narrow, so that they can be read on a phone without scrolling. Their letters are drawn as shapes: they
look the same everywhere. Colours are those of Okabe & Ito; what a colour says, a shape or a word says, too. Few
artists, since a report has dozens of pictures.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mtser.pictures import columns_of
from mtser.tables.pictures.names import fitting

WIDTH = 4.9
"""Of every picture, in inches: 470 pixels of a page."""
BLUE, ORANGE, GREEN, PURPLE, SKY, BLACK = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000"
INK, GREY, LIGHT = "#222222", "#666666", "#d4d4d4"
_ROW = 0.235  # inches a system
_LETTER = 0.075  # inches, of a system's name
_TICK = 0.42  # inches between two numbers of the scale, at least
_LONGEST = 30  # columns
_ABOVE, _BELOW = 0.42, 0.55  # inches


def list_of_systems(
    names: Sequence[str], *, title: str, x_label: str, right: Sequence[str] = (), above: float = 0.0
) -> tuple[Figure, Axes]:
    """An empty picture with a line a system, the first on top at y = 0.

    Parameters
    ----------
    names
        Long ones are cut, see :func:`~mtser.tables.pictures.names.fitting`.
    title, x_label
        Above and below.
    right
        A text for each system, at the right end of its line.
    above
        Room between title and systems, in inches.
    """
    shown = fitting(names, _LONGEST)
    n, height = len(names), _ABOVE + above + _BELOW + _ROW * len(names)
    left, margin = 0.18 + _LETTER * max(map(columns_of, shown)), 0.2 + _LETTER * max(map(columns_of, right), default=0)
    inner = WIDTH - left - margin
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((left / WIDTH, _BELOW / height, inner / WIDTH, _ROW * n / height))
    axes.set_ylim(n - 0.5, -0.5)
    axes.set_yticks(range(n), shown)
    axes.tick_params(axis="y", length=0, labelsize=9, labelcolor=INK)
    axes.tick_params(axis="x", labelsize=8, labelcolor=INK, color=GREY)
    axes.xaxis.set_major_locator(MaxNLocator(min(5, int(inner / _TICK)), steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter("{x:.2f}")
    axes.set_xlabel(x_label, fontsize=8.5, color=INK)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GREY)
    axes.grid(axis="x", color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.hlines(range(n), 0, 1, color="#eeeeee", linewidth=0.8, zorder=0, transform=axes.get_yaxis_transform())
    for y, text in enumerate(right):
        axes.text(1.02, y, text, transform=axes.get_yaxis_transform(), va="center", fontsize=8.5, color=INK)
    write_title(figure, title)
    return figure, axes


def write_title(figure: Figure, title: str) -> None:
    """Write the title into the upper left corner."""
    y = 1 - 0.1 / figure.get_figheight()
    figure.text(0.01, y, title, fontsize=10, fontweight="bold", va="top", color=INK)
