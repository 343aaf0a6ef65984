"""The picture that shows leakage: one line a system, a sign for each protocol."""

import math

from mtser.pictures import columns_of, svg
from mtser.tables.pictures.canvas import BLACK, BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, list_of_systems
from mtser.tables.pictures.names import fitting
from mtser.tables.protocols import Effect

_SIGNS = {
    "random_5fold": ("^", ORANGE),
    "random_80_5_15": ("<", ORANGE),
    "dialogs_5fold": (">", ORANGE),
    "loso": ("o", BLUE),
    "last_session": ("P", BLUE),
    "lospo": ("D", SKY),
    "speakers_5fold": ("d", SKY),
    "loso_script_disjoint": ("s", GREEN),
    "impro_only": ("v", PURPLE),
}
_SHAPES, _COLOURS = "X*hp8", (BLACK, GREY, BLUE, ORANGE, GREEN, PURPLE, SKY)  # of other protocols
_LONGEST = 60  # columns of a protocol's name
_OF_TWO = 25  # columns of a name beside which there is room for another
_LINE = 0.195  # inches, of the legend


def draw_protocols(effect: Effect, *, title: str = "") -> str:
    """Draw UA under every protocol, joined by a line a system."""
    others = (name for name in effect.protocols if name not in _SIGNS)
    signs = _SIGNS | {name: _sign(i) for i, name in enumerate(others)}
    names = fitting(effect.protocols, _LONGEST)
    n_columns = 1 if max(map(columns_of, names)) > _OF_TWO else 2
    above = _LINE * math.ceil(len(names) / n_columns)
    figure, axes = list_of_systems(list(effect.ua), title=title, x_label="UA (macro recall)", above=above)
    low, high = zip(*((min(values.values()), max(values.values())) for values in effect.ua.values()), strict=True)
    axes.hlines(range(len(effect.ua)), low, high, color="#aaaaaa", linewidth=2.2, zorder=2)
    drawn = []
    for name in effect.protocols:
        lines = [y for y, values in enumerate(effect.ua.values()) if name in values]
        points = [values[name] for values in effect.ua.values() if name in values]
        sign, colour = signs[name]
        drawn.append(axes.scatter(points, lines, 49, color=colour, marker=sign, edgecolor="white", zorder=3))
    axes.margins(x=0.06)
    legend = figure.legend(
        drawn,
        # matplotlib leaves out what begins with "_", so the names come afterwards.
        [str(i) for i in range(len(drawn))],
        loc="upper left",
        bbox_to_anchor=(0.0, 1 - 0.3 / figure.get_figheight()),
        ncols=n_columns,
        frameon=False,
        fontsize=8.5,
        labelcolor=INK,
        handletextpad=0.1,
        borderaxespad=0,
        columnspacing=1.2,
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(name)
    return svg(figure)


def _sign(i: int) -> tuple[str, str]:
    """Of the so-manieth other protocol: a shape, and another colour where the shapes begin anew."""
    return _SHAPES[i % len(_SHAPES)], _COLOURS[i // len(_SHAPES) % len(_COLOURS)]
