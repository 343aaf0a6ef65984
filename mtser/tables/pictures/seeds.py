"""How far the seeds of a system lie apart."""

from collections.abc import Sequence

from mtser.pictures import svg
from mtser.tables import words
from mtser.tables.pictures.canvas import BLUE, INK, ORANGE, list_of_systems
from mtser.tables.report import Row


def draw_seeds(rows: Sequence[Row], measure: str, *, reference: str, title: str = "") -> str:
    """Draw a ring for each seed and a bar at their mean; the standard deviation stands on the right.

    Parameters
    ----------
    rows
        From top to bottom; those with one seed have one ring and no bar.
    measure
        ``wa`` or ``ua``.
    reference
        Drawn in another colour.
    title
        Goes above.
    """
    found = [words.measured(row, measure) for row in rows]
    figure, axes = list_of_systems(
        [row.system for row in rows],
        title=title,
        x_label=f"{words.NAMES[measure]}; ring: a seed, bar: the mean",
        right=["one seed" if one.std is None else f"± {words.number(one.std)}" for one in found],
    )
    points = [
        (value, y, ORANGE if row.system == reference else BLUE)
        for y, (row, one) in enumerate(zip(rows, found, strict=True))
        for value in one.per_seed
    ]
    values, lines, colours = zip(*points, strict=True)
    axes.scatter(values, lines, 26, facecolor="none", edgecolor=colours, linewidth=1.1, zorder=3)
    several = [y for y, one in enumerate(found) if one.std is not None]
    axes.vlines([found[y].value for y in several], [y - 0.3 for y in several], [y + 0.3 for y in several], color=INK)
    axes.margins(x=0.06)
    return svg(figure)
