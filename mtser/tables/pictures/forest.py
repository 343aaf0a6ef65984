"""WA or UA of all systems of a table with their intervals (a forest plot)."""

from collections.abc import Sequence

from mtser.pictures import svg
from mtser.tables import words
from mtser.tables.pictures.canvas import BLUE, GREY, ORANGE, list_of_systems
from mtser.tables.report import Row


def draw_forest(
    rows: Sequence[Row], measure: str, *, chance: float, reference: str, n_beyond: int = 0, title: str = ""
) -> str:
    """Draw a line a system: the value, its interval over speakers, the number.

    Parameters
    ----------
    rows
        From top to bottom.
    measure
        ``wa`` or ``ua``.
    chance
        What needs no model: a dotted line.
    reference
        Its value is a dashed line, its point a diamond.
    n_beyond
        The last so many rows stand below a rule.
    title
        Goes above.
    """
    found = [words.measured(row, measure) for row in rows]
    marks = [words.mark(words.tested_in(row.against, measure)) for row in rows]
    said = "UA (macro recall)" if measure == "ua" else "WA (accuracy)"
    figure, axes = list_of_systems(
        [row.system for row in rows],
        title=title,
        x_label=f"{said}; dotted: no model, {words.number(chance)}",
        right=[f"{words.number(one.value)} {mark}" for one, mark in zip(found, marks, strict=True)],
    )
    low, high = zip(*(one.ci95 or (one.value, one.value) for one in found), strict=True)
    room = 0.04 * max(max(*high, chance) - min(*low, chance), 0.05)
    axes.set_xlim(min(*low, chance) - room, max(*high, chance) + room)
    axes.axvline(chance, color=GREY, linestyle=":", linewidth=1.2)
    colours = [ORANGE if row.system == reference else BLUE for row in rows]
    axes.hlines(range(len(rows)), low, high, color=colours, linewidth=1.8)
    for sign, mine in (("D", True), ("o", False)):
        chosen = [i for i, row in enumerate(rows) if (row.system == reference) == mine]
        values = [found[i].value for i in chosen]
        axes.scatter(values, chosen, 26, color=ORANGE if mine else BLUE, marker=sign, edgecolor="white", zorder=3)
        if mine and values:
            axes.axvline(values[0], color=ORANGE, linestyle="--", linewidth=0.9, zorder=1)
    if 0 < n_beyond < len(rows):
        axes.axhline(len(rows) - n_beyond - 0.5, color=GREY, linewidth=1)
    return svg(figure)
