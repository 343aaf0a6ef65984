"""The picture of a long recording: the probabilities of every turn over time, line by line."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from mtser.inference.recognition import Recognition
from mtser.pictures import beginning_of, columns_of, save_png, shortened
from mtser.prediction.pictures.canvas import (
    GREY,
    INK,
    PALE,
    WIDTH,
    bare,
    clock,
    colour_of,
    hatch_of,
    ink_on,
    text_width,
)
from mtser.prediction.prediction import Prediction

_LEFT, _RIGHT = 0.75, 0.25  # inches
_BAND, _STACK, _WORDS, _TIMES = 0.22, 0.75, 0.55, 0.45  # inches: emotion, probabilities, text, clock
_SIZE = 7.0  # points, of the text
_STEPS = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
_MOST_LINES = 12
_WITH_TEXT = 60
"""Lines of at most so many seconds have the text of their turns."""


def draw_time_line(path: str | Path, found: Prediction) -> Path:
    """Draw the turns of a recording, from minutes to hours: lines of half a minute up to several hours.

    In each line from top to bottom: the emotion of each turn; all probabilities, stacked in the order of the legend,
    gaps where nothing was said; in lines of up to a minute the text; the time.
    """
    seconds = next((step for step in _STEPS if found.duration <= _MOST_LINES * step), _STEPS[-1])
    seconds = max(seconds, int(np.ceil(found.duration / _MOST_LINES)))
    n_lines = max(1, int(np.ceil(found.duration / seconds)))
    with_text = seconds <= _WITH_TEXT
    tall = _BAND + _STACK + (_WORDS if with_text else 0.0) + _TIMES
    classes = list(found.probabilities)
    warnings = [part for one in found.warnings[:6] for part in textwrap.wrap(f"! {one}", 150)]
    top = 1.0 + 0.22 * (-(-len(classes) // 6) - 1)
    height = top + n_lines * tall + 0.2 * len(warnings) + 0.15
    figure = Figure(figsize=(WIDTH, height))
    _draw_header(figure, found, height)
    inches = (WIDTH - _LEFT - _RIGHT) / seconds
    for i in range(n_lines):
        start = i * seconds
        width = (min(start + seconds, found.duration) - start) * inches if n_lines > 1 else WIDTH - _LEFT - _RIGHT
        scale = inches if n_lines > 1 else width / max(found.duration, 1e-3)
        y = top + i * tall
        axes = figure.add_axes(
            (_LEFT / WIDTH, 1 - (y + tall - _TIMES) / height, width / WIDTH, (tall - _TIMES) / height)
        )
        axes.set_xlim(0, width)
        axes.set_ylim(tall - _TIMES, 0)
        turns = [turn for turn in found.turns if turn.end > start and turn.start < start + width / scale]
        for turn in turns:
            _draw_turn(axes, turn, classes, (start, scale, width), with_text)
        _draw_clock(axes, start, start + width / scale, scale)
        label = "probability" if i == 0 else ""
        axes.text(-0.08, _BAND + _STACK / 2, label, rotation=90, ha="right", va="center", fontsize=8, color=INK)
    for i, sentence in enumerate(warnings):
        y = 1 - (height - 0.1 - 0.2 * (len(warnings) - i)) / height
        figure.text(0.15 / WIDTH, y, sentence, fontsize=8.5, color=INK, va="top", parse_math=False)
    return save_png(figure, path)


def _draw_header(figure: Figure, found: Prediction, height: float) -> None:
    name = shortened(Path(found.name).name, 60)
    figure.text(
        0.15 / WIDTH, 1 - 0.12 / height, name, fontsize=13, fontweight="bold", va="top", color=INK, parse_math=False
    )
    spoken = sum(turn.end - turn.start for turn in found.turns)
    told = f"{clock(found.duration)}, {len(found.turns)} turns, {clock(spoken)} of speech"
    figure.text(0.15 / WIDTH, 1 - 0.4 / height, told, fontsize=9, va="top", color=INK)
    handles = [
        Patch(facecolor=colour_of(i), hatch=hatch_of(i), edgecolor="white", linewidth=0, label=f"{name} {share:.0%}")
        for i, (name, share) in enumerate(shares(found).items())
    ]
    legend = figure.legend(
        handles=handles,
        loc="upper right",
        bbox_to_anchor=(1 - 0.1 / WIDTH, 1 - 0.05 / height),
        ncols=min(len(handles), 6),
        frameon=False,
        fontsize=8.5,
        title="most probable, share of the speech",
        title_fontsize=8.5,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def shares(found: Prediction) -> dict[str, float]:
    """Emotion → share of the speech, by duration, in which it was the most probable one."""
    spoken = sum(turn.end - turn.start for turn in found.turns)
    return {
        name: sum(turn.end - turn.start for turn in found.turns if turn.emotion == name) / spoken
        for name in found.probabilities
    }


def _draw_turn(
    axes: Axes, turn: Recognition, classes: list[str], placed: tuple[float, float, float], with_text: bool
) -> None:
    """Draw a turn, as far as it lies on the line: ``placed`` is its first second, inches a second, its width."""
    start, inches, width = placed
    left, right = max(0.0, (turn.start - start) * inches), min(width, (turn.end - start) * inches)
    wide = right - left
    index = classes.index(turn.emotion)
    axes.add_patch(Rectangle((left, 0.02), wide, _BAND - 0.05, facecolor=colour_of(index), hatch=hatch_of(index), lw=0))
    fitting = [n for n in (14, 5, 3, 1) if text_width(shortened(turn.emotion, n), 8) + 0.04 < wide]
    if fitting and (label := beginning_of(turn.emotion, fitting[0])):
        colour = ink_on([int(colour_of(index)[k : k + 2], 16) / 255 for k in (1, 3, 5)])
        told = axes.text((left + right) / 2, _BAND / 2, label, fontsize=8, ha="center", va="center", color=colour)
        told.set_parse_math(False)
    at = _BAND + _STACK
    for i, name in enumerate(classes):
        tall = turn.probabilities[name] * _STACK
        edge = "white" if wide > 0.06 else "none"
        field = Rectangle(
            (left, at - tall), wide, tall, facecolor=colour_of(i), hatch=hatch_of(i), edgecolor=edge, lw=0.5
        )
        axes.add_patch(field)
        at -= tall
    if with_text and wide > 0.25 and wide >= 0.5 * (turn.end - turn.start) * inches:  # on its longer part
        columns = max(3, int(wide / text_width("m", _SIZE)))
        letters = columns if columns_of(turn.text) == len(turn.text) else max(1, columns // 2)
        shown = textwrap.wrap(turn.text, letters, max_lines=4, placeholder="…")
        axes.text(
            left,
            _BAND + _STACK + 0.05,
            "\n".join(shortened(one, columns + 1) for one in shown),
            fontsize=_SIZE,
            va="top",
            color=INK,
            parse_math=False,
            linespacing=1.15,
        )


def _draw_clock(axes: Axes, start: float, end: float, inches: float) -> None:
    """Write times below, as many as are read easily; behind the turns, paler, where nothing was said."""
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((one for one in steps if one * inches >= 0.9), steps[-1])
    times = np.arange(np.ceil(start / step) * step, end + 1e-6, step)
    axes.set_xticks([(one - start) * inches for one in times], [clock(one) for one in times])
    bare(axes, bottom=True)
    axes.tick_params(axis="x", labelsize=8, labelcolor=INK, color=GREY, length=3)
    axes.set_xticks([(one - start) * inches for one in times], [clock(one) for one in times])
    axes.add_patch(Rectangle((0, _BAND), (end - start) * inches, _STACK, facecolor=PALE, zorder=0, lw=0))
