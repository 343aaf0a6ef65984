"""The two pictures of a run: confusion matrix and training curves.

Colours are those of Okabe & Ito and a single-hue scale, which colour-blind readers tell apart; the curves also differ
in their lines.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from mtser.measures_on_dev import NAMES
from mtser.pictures import columns_of, save_png

TRAIN_LOSS, DEV_LOSS, DEV_UA, DEV_CCC = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
_MEASURES: Mapping[str, tuple[str, str, Literal["-", "-."]]] = {
    "dev_ua": (f"dev {NAMES['dev_ua']}", DEV_UA, "-"),
    "dev_ccc": (f"dev {NAMES['dev_ccc']}", DEV_CCC, "-."),
}

History = Sequence[Mapping[str, float]]


def draw_confusion(
    path: str | Path, confusion: ArrayLike, classes: Sequence[str], *, title: str, synthetic: bool = False
) -> Path:
    """Draw a confusion matrix: in each cell the share of its row in percent and the number of utterances.

    Parameters
    ----------
    confusion
        ``[K, K]``, rows are the truth.
    title
        What was run, for example "full · iemocap · loso".
    synthetic
        Says so in the title.
    """
    counts = np.asarray(confusion, np.int64)
    n_classes = len(classes)
    rows = counts.sum(1, keepdims=True)
    share = np.divide(counts, rows, out=np.zeros(counts.shape), where=rows > 0)
    size = 2.2 + (0.72 if n_classes > 3 else 0.9) * n_classes
    figure = Figure(figsize=(size + 0.6, size), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    ticks = np.arange(n_classes)
    upright = max(map(columns_of, classes)) <= 8 and n_classes <= 8
    axes.set_xticks(
        ticks,
        classes,
        rotation=0 if upright else 40,
        ha="center" if upright else "right",
        rotation_mode="anchor",
        parse_math=False,
    )
    axes.set_yticks(ticks, [f"{name}\n({n})" for name, n in zip(classes, rows[:, 0], strict=True)], parse_math=False)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true (utterances)")
    axes.set_xticks(ticks[1:] - 0.5, minor=True)
    axes.set_yticks(ticks[1:] - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    big, small = (13, 9) if n_classes <= 6 else (10, 7.5)
    for i, j in np.ndindex(n_classes, n_classes):
        colour = "white" if share[i, j] > 0.55 else "#222222"
        weight = "bold" if i == j else "normal"
        percent = f"{100 * share[i, j]:.0f} %" if rows[i, 0] else "–"
        axes.text(j, i - 0.12, percent, ha="center", va="center", color=colour, fontsize=big, fontweight=weight)
        axes.text(j, i + 0.24, str(counts[i, j]), ha="center", va="center", color=colour, fontsize=small)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, ticks=[0, 0.5, 1], format=lambda value, _: f"{100 * value:.0f} %")
    bar.set_label("share of the true class")
    bar.outline.set_visible(False)
    axes.set_title(_title(textwrap.fill(title, int(11 * size)), synthetic), fontsize=12, pad=12)
    return save_png(figure, path)


def draw_curves(
    path: str | Path,
    histories: Mapping[str, History],
    *,
    title: str,
    synthetic: bool = False,
    chosen: Mapping[str, int] | None = None,
) -> Path:
    """Draw the training of every fold: losses (left scale), dev UA and dev CCC (right scale), the chosen epoch.

    Parameters
    ----------
    histories
        Fold name → one row an epoch with ``epoch``, ``train_loss``, ``dev_loss`` and ``dev_ua``, ``dev_ccc`` or both.
        All panels share their scales; losses far above all others run out of the panel.
    chosen
        Fold name → epoch whose weights were tested; default: the first epoch with the highest dev UA (or dev CCC,
        without UA).
    """
    n_columns = min(max(len(histories), 1), 3 if len(histories) <= 6 else 4 if len(histories) <= 12 else 6)
    n_rows = max(1, math.ceil(len(histories) / n_columns))
    width, height = (3.6, 2.7) if n_columns <= 4 else (2.7, 2.1)
    figure = Figure(figsize=(max(7.0, width * n_columns), height * n_rows + 1.1), layout="constrained")
    panels = figure.subplots(n_rows, n_columns, squeeze=False, sharex=True, sharey=True).ravel()
    top = _top_of_losses(histories)
    for i, (panel, (name, history)) in enumerate(zip(panels, histories.items(), strict=False)):
        epoch = (chosen or {}).get(name, best_epoch(history))
        _draw_fold(panel, name, history, epoch)
        panel.set_ylim(0, top)
        if i + n_columns >= len(histories):
            panel.set_xlabel("epoch", fontsize=9)
            panel.tick_params(labelbottom=True)
        if i % n_columns == 0:
            panel.set_ylabel("loss", fontsize=9)
    for panel in panels[len(histories) :]:
        panel.set_axis_off()
    drawn = [name for name in _MEASURES if any(name in row for history in histories.values() for row in history)]
    marker = _MEASURES[drawn[0] if drawn else "dev_ua"][1]
    figure.legend(
        handles=[
            Line2D([], [], color=TRAIN_LOSS, label="training loss"),
            Line2D([], [], color=DEV_LOSS, linestyle="--", label="dev loss"),
            *(
                Line2D([], [], color=colour, linewidth=2.2, linestyle=style, label=f"{label} (right scale)")
                for label, colour, style in (_MEASURES[name] for name in drawn)
            ),
            Line2D([], [], color="#444444", linestyle=":", marker="o", markerfacecolor=marker, label="chosen epoch"),
        ],
        loc="outside lower center",
        ncols=4 if len(drawn) < 2 else 3,
        frameon=False,
    )
    figure.suptitle(_title(title, synthetic), fontsize=12)
    return save_png(figure, path)


def best_epoch(history: History, measure: str | None = None) -> int | None:
    """The first epoch with the highest measure; None without epochs.

    Parameters
    ----------
    measure
        Its column; default: ``dev_ua`` where it is there, else ``dev_ccc``.
    """
    if measure is None:
        measure = next((name for name in _MEASURES if history and name in history[0]), "dev_ua")
    rows = [row for row in history if math.isfinite(row[measure])]
    return int(max(rows, key=lambda row: (row[measure], -row["epoch"]))["epoch"]) if rows else None


def _draw_fold(panel: Axes, name: str, history: History, epoch: int | None) -> None:
    """Draw one fold."""
    right = panel.twinx()
    right.set_ylim(0, 1)
    right.set_yticks([0, 0.5, 1])
    panel.set_title(name, fontsize=10, loc="left")
    panel.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    panel.yaxis.set_major_locator(MaxNLocator(4))
    panel.grid(alpha=0.25)
    for axes in (panel, right):
        axes.spines["top"].set_visible(False)
        axes.tick_params(labelsize=8)
    right.tick_params(colors=DEV_UA)
    epochs = [row["epoch"] for row in history]
    marker = "." if len(history) == 1 else None  # a line of one point cannot be seen
    panel.plot(epochs, [row["train_loss"] for row in history], color=TRAIN_LOSS, linewidth=1.5, marker=marker)
    panel.plot(
        epochs, [row["dev_loss"] for row in history], color=DEV_LOSS, linewidth=1.5, linestyle="--", marker=marker
    )
    drawn = {name: look for name, look in _MEASURES.items() if history and name in history[0]}
    for name, (_, colour, style) in drawn.items():
        right.plot(epochs, [row[name] for row in history], color=colour, linewidth=2.2, linestyle=style)
    for row in history:
        if row["epoch"] != epoch:
            continue
        panel.axvline(epoch, color="#444444", linestyle=":", linewidth=1.2)
        for name, (_, colour, _) in drawn.items():
            value = max(row[name], 0.0)  # a negative CCC stands on the axis
            right.plot([epoch], [value], "o", color=colour, markeredgecolor="#444444", markersize=6, clip_on=False)
            side = "left" if epoch <= (epochs[0] + epochs[-1]) / 2 else "right"
            offset = (5 if side == "left" else -5, 4)
            right.annotate(
                f"{row[name]:.3f}",
                (epoch, value),
                offset,
                textcoords="offset points",
                fontsize=8,
                ha=side,
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
            )


def _top_of_losses(histories: Mapping[str, History]) -> float:
    """The upper end of the loss scale: about three medians at most, so that one bad fold does not flatten the rest."""
    losses = [row[key] for history in histories.values() for row in history for key in ("train_loss", "dev_loss")]
    finite = np.array([loss for loss in losses if math.isfinite(loss)])
    if not finite.size or finite.max() <= 0:
        return 1.0
    return 1.05 * float(min(finite.max(), max(3 * np.median(finite), np.quantile(finite, 0.9))))


def _title(title: str, synthetic: bool) -> str:
    return title + ("\nSYNTHETIC SPEECH: no result about people" if synthetic else "")
