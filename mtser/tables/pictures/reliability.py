"""Reliability diagrams: how often a system is right when it is so sure."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mtser.pictures import svg
from mtser.tables import words
from mtser.tables.pictures.canvas import BLUE, GREY, INK, LIGHT, WIDTH, write_title
from mtser.tables.pictures.names import fitting
from mtser.tables.report import Row

_COLUMNS = 3
_SIDE, _LEFT, _GAP, _TITLE, _BOTTOM, _TOP = 1.27, 0.5, 0.16, 0.42, 0.5, 0.25  # inches
_SMALL: dict[str, Any] = {"fontsize": 8, "color": INK}
_LONGEST = 19  # letters over a panel


def draw_reliability(rows: Sequence[Row], *, title: str = "") -> str:
    """Draw a panel a system: accuracy over confidence; grey bars are the share of answers in each bin.

    Parameters
    ----------
    rows
        Panels from left to right, then down.
    title
        Goes above.
    """
    height = _TOP + math.ceil(len(rows) / _COLUMNS) * (_SIDE + _TITLE) + _BOTTOM
    figure = Figure(figsize=(WIDTH, height))
    # All panels in one system of coordinates, in inches from the upper left corner: one Axes each would take seconds.
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    frames, bars, diagonals, lines, sizes = [], [], [], [], []
    names = fitting([row.ensemble_of or row.system for row in rows], _LONGEST)
    for i, row in enumerate(rows):
        line, column = divmod(i, _COLUMNS)
        left, bottom = _LEFT + column * (_SIDE + _GAP), _TOP + (line + 1) * (_SIDE + _TITLE)
        corner, unit = np.array([left, bottom]), np.array([_SIDE, -_SIDE])
        one = row.calibration
        n_bins, full = len(one.counts), one.counts > 0
        frames.append(Rectangle((left, bottom), _SIDE, -_SIDE))
        for k, share in enumerate(one.counts / one.counts.sum()):
            bars.append(Rectangle((left + _SIDE * (k + 0.05) / n_bins, bottom), 0.9 * _SIDE / n_bins, -_SIDE * share))
        diagonals.append([corner, corner + unit])
        lines.append(corner + unit * np.stack([one.confidence, one.accuracy], 1)[full])
        # A bin with a handful of answers says little, so its point is small.
        sizes.append(3 + 27 * np.sqrt(one.counts[full] / one.counts.max()))
        name = f"{names[i]}\n{'ensemble, ' if row.ensemble_of else ''}ECE {words.number(one.ece)}"
        axes.text(left, bottom - _SIDE - 0.05, name, va="bottom", linespacing=1.1, **_SMALL)
        for value in (0, 0.5, 1):
            if column == 0:
                axes.text(left - 0.06, bottom - _SIDE * value, f"{value:g}", ha="right", va="center", **_SMALL)
            if i + _COLUMNS >= len(rows):
                axes.text(left + _SIDE * value, bottom + 0.06, f"{value:g}", ha="center", va="top", **_SMALL)
    axes.add_collection(PatchCollection(bars, facecolor=LIGHT, edgecolor="none"))
    axes.add_collection(PatchCollection(frames, facecolor="none", edgecolor="#bbbbbb", linewidth=0.8))
    axes.add_collection(LineCollection(diagonals, color=GREY, linestyle="--", linewidth=0.9))
    axes.add_collection(LineCollection(lines, color=BLUE, linewidth=0.7))
    x, y = np.concatenate(lines).T
    axes.scatter(x, y, np.concatenate(sizes), color=BLUE, zorder=3, linewidth=0)
    axes.text(WIDTH / 2, height - 0.1, "confidence", ha="center", **_SMALL)
    axes.text(0.12, height / 2, "share of right answers", ha="center", va="center", rotation=90, **_SMALL)
    write_title(figure, title)
    return svg(figure)
