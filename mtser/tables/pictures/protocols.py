"""The picture that shows leakage: one line a system, a sign for each protocol."""

from mtser.pictures import svg
from mtser.tables.pictures.canvas import BLACK, BLUE, GREEN, GREY, INK, ORANGE, PURPLE, SKY, list_of_systems
from mtser.tables.protocols import Effect

_SIGNS = {
    "random_5fold": ("^", ORANGE),
    "loso": ("o", BLUE),
    "lospo": ("D", SKY),
    "speakers_5fold": ("d", SKY),
    "loso_script_disjoint": ("s", GREEN),
    "impro_only": ("v", PURPLE),
}
_OTHERS = (("P", BLACK), ("X", GREY), ("*", BLACK), ("h", GREY))


def draw_protocols(effect: Effect, *, title: str = "") -> str:
    """Draw UA under every protocol, joined by a line a system."""
    signs = dict(_SIGNS)
    for i, name in enumerate(name for name in effect.protocols if name not in _SIGNS):
        signs[name] = _OTHERS[i % len(_OTHERS)]
    figure, axes = list_of_systems(
        list(effect.ua), title=title, x_label="UA (macro recall)", above=0.2 * ((len(effect.protocols) + 1) // 2)
    )
    low, high = zip(*((min(values.values()), max(values.values())) for values in effect.ua.values()), strict=True)
    axes.hlines(range(len(effect.ua)), low, high, color="#aaaaaa", linewidth=2.2, zorder=2)
    for name in effect.protocols:
        lines = [y for y, values in enumerate(effect.ua.values()) if name in values]
        points = [values[name] for values in effect.ua.values() if name in values]
        sign, colour = signs[name]
        axes.scatter(points, lines, 49, color=colour, marker=sign, edgecolor="white", zorder=3, label=name)
    axes.margins(x=0.06)
    figure.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, 1 - 0.3 / figure.get_figheight()),
        ncols=2,
        frameon=False,
        fontsize=8.5,
        labelcolor=INK,
        handletextpad=0.1,
        borderaxespad=0,
        columnspacing=1.2,
    )
    return svg(figure)
