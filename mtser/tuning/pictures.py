"""Two pictures of a study: what its trials reached one after the other, and which settings mattered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mtser.pictures import save_png
from mtser.tables.pictures.canvas import BLUE, GREY, INK, LIGHT, ORANGE, WIDTH, list_of_systems, write_title
from mtser.tuning.optional import FrozenTrial

_DPI = 144


def draw_history(path: Path, trials: Sequence[FrozenTrial], *, title: str, measure: str) -> Path:
    """Draw a dot for each trial, a cross for a pruned one, and the best so far as a line.

    Parameters
    ----------
    path
        PNG.
    trials
        In the order of their numbers; at least one is complete.
    title
        Goes above.
    measure
        What was reached on dev.
    """
    done = [one for one in trials if one.state.name == "COMPLETE" and one.value is not None]
    pruned = [one for one in trials if one.state.name == "PRUNED" and one.intermediate_values]
    figure = Figure(figsize=(WIDTH, 3.1))
    axes = figure.add_axes((0.13, 0.16, 0.84, 0.66))
    numbers, values = [one.number for one in done], np.array([one.value for one in done], float)
    axes.step(numbers, np.maximum.accumulate(values), where="post", color=ORANGE, linewidth=1.6, label="best so far")
    axes.scatter(numbers, values, 18, color=BLUE, zorder=3, label="to the end")
    if pruned:
        last = [one.intermediate_values[max(one.intermediate_values)] for one in pruned]
        axes.scatter([one.number for one in pruned], last, 18, color=GREY, marker="x", linewidth=1, label="pruned")
    axes.set_xlabel("trial", fontsize=8.5, color=INK)
    axes.set_ylabel(f"{measure} on dev", fontsize=8.5, color=INK)
    axes.tick_params(labelsize=8, labelcolor=INK, color=GREY)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.yaxis.set_major_formatter("{x:.2f}")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
    axes.grid(color=LIGHT, linewidth=0.6)
    axes.set_axisbelow(True)
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, ncols=3, fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(0.1, 0.93))
    write_title(figure, title)
    return save_png(figure, path, _DPI)


def draw_importance(path: Path, found: Mapping[str, float], *, title: str) -> Path:
    """Draw a bar for each setting: the share of the variance of what trials reached that it explains by itself.

    Parameters
    ----------
    path
        PNG.
    found
        Setting → share, the greatest first.
    title
        Goes above.
    """
    names = [_short(name) for name in found]
    shares = list(found.values())
    figure, axes = list_of_systems(
        names,
        title=title,
        x_label="share of the variance by itself (fANOVA)",
        right=[f"{share:.2f}" for share in shares],
    )
    axes.barh(range(len(names)), shares, height=0.55, color=BLUE)
    axes.set_xlim(0, max(shares) * 1.05 or 1)
    return save_png(figure, path, _DPI)


def _short(name: str) -> str:
    """The end of a long dotted name: that tells more than its beginning."""
    return ".".join(name.replace("_encoder.", ".").split(".")[-2:])
