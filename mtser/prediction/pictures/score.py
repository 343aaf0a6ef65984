"""A line of a recording: the sound, below it a strip for each modality with a field for each word, then the words."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from mtser.inference.recognition import Recognition, WordEvidence
from mtser.pictures import shortened
from mtser.prediction.pictures.canvas import (
    CONTRIBUTION,
    GREY,
    INK,
    LIGHT,
    PALE,
    SHARE,
    WIDTH,
    bare,
    ink_on,
    outline,
    text_width,
)
from mtser.prediction.pictures.lines import Line, spread

LEFT, RIGHT = 1.15, 0.25
"""Margins in inches."""
AxesAt = Callable[[float, float, float, float], Axes]
"""Left, top, width, height in inches from the upper left corner → axes."""
_SOUND, _STRIP, _GAP, _TIMES = 0.75, 0.21, 0.22, 0.42  # inches
_SIZE, _LONGEST_WORD = 9.0, 18  # points, letters


class Score:
    """How all lines of a recording are drawn: alike, so that they can be compared.

    Parameters
    ----------
    found
        The recording.
    lines
        What it was broken into; the longest fills the width, all have the same scale of time.
    scale
        From contributions to colours.
    """

    def __init__(self, found: Recognition, lines: Sequence[Line], scale: Normalize) -> None:
        self._scale = scale
        self._seconds = max(max(line.end - line.start for line in lines), 1e-3)
        self._inches = (WIDTH - LEFT - RIGHT) / self._seconds
        words = found.words
        self._counted = sorted({name for one in words for name in one.occlusion})
        self._looked = sorted({name for one in words for name in one.attention})
        even = 2 / max(len(words), 1)  # half as dark as can be is what every word would get of even attention
        most = [max([even, *(one.attention.get(name, 0.0) for one in words)]) for name in self._looked]
        self._most = dict(zip(self._looked, most, strict=True))
        self._upright = not all(self._fits(line) for line in lines)
        widest = max((text_width(_shown(one), _SIZE) for one in words), default=0.0)
        self._letters = widest + 0.05 if self._upright else 0.2 if words else 0.0
        self._strips = _STRIP * (len(self._counted) + len(self._looked))
        self.height = _SOUND + self._strips + (_GAP if words else 0) + self._letters + _TIMES

    def draw(self, line: Line, samples: np.ndarray, axes_at: AxesAt, top: float) -> None:
        """Draw a line.

        Parameters
        ----------
        samples
            Its sound.
        axes_at
            Makes axes.
        top
            Where it begins, in inches from the top.
        """
        width = (line.end - line.start) * self._inches
        sound = axes_at(LEFT, top, width, _SOUND)
        low, high = outline(samples, max(2, int(width * 130)))
        loudest = max(float(np.abs(low).max()), float(np.abs(high).max()), 1e-6)
        sound.fill_between(np.linspace(line.start, line.end, len(low)), low, high, color=GREY, linewidth=0)
        sound.set_ylim(-1.05 * loudest, 1.05 * loudest)
        sound.set_xlim(line.start, line.end)
        bare(sound)
        for one in line.words:
            sound.axvspan(one.word.start, one.word.end, color=PALE, zorder=0)
            sound.axvline(one.word.start, color="white", linewidth=1, zorder=0.5)
        below = axes_at(LEFT, top + _SOUND, width, self._strips + _GAP + self._letters)
        below.set_xlim(0, width)
        below.set_ylim(self._strips + _GAP + self._letters, 0)
        below.axis("off")
        for i, name in enumerate(self._counted):
            values = [one.occlusion.get(name) for one in line.words]
            self._draw_strip(
                below, line, i, name, values, [CONTRIBUTION(self._scale(value or 0.0)) for value in values]
            )
        for i, name in enumerate(self._looked, start=len(self._counted)):
            shares = [one.attention.get(name, 0.0) for one in line.words]
            colours = [SHARE(0.75 * share / self._most[name]) for share in shares]
            self._draw_strip(below, line, i, f"{name} attention", shares, colours, sign="")
        self._write_words(below, line, width)
        times = axes_at(LEFT, top + self.height - _TIMES, width, 0.02)
        times.set_xlim(line.start, line.end)
        bare(times, bottom=True)
        times.tick_params(axis="x", length=2, pad=1)
        times.xaxis.set_major_formatter("{x:g} s")

    def _x(self, seconds: float, line: Line) -> float:
        return (seconds - line.start) * self._inches

    def _draw_strip(
        self,
        axes: Axes,
        line: Line,
        row: int,
        name: str,
        values: Sequence[float | None],
        colours: Sequence[tuple[float, ...]],
        sign: str = "+",
    ) -> None:
        y = row * _STRIP
        label = axes.text(-0.08, y + _STRIP / 2, shortened(name, 17), ha="right", va="center", fontsize=8, color=INK)
        label.set_parse_math(False)
        for one, value, colour in zip(line.words, values, colours, strict=True):
            if value is None:
                continue
            left, right = self._x(one.word.start, line), self._x(one.word.end, line)
            field = Rectangle(
                (left, y + 0.02), right - left, _STRIP - 0.04, facecolor=colour, edgecolor=LIGHT, linewidth=0.6
            )
            axes.add_patch(field)
            told = f"{value:{sign}.2f}".replace("-", "−")
            if text_width(told, 7) + 0.03 < right - left:
                middle = ((left + right) / 2, y + _STRIP / 2)
                label = axes.text(*middle, told, ha="center", va="center_baseline", fontsize=7, color=ink_on(colour))
                label.set_parse_math(False)

    def _wanted(self, line: Line) -> list[float]:
        return [self._x((one.word.start + one.word.end) / 2, line) for one in line.words]

    def _fits(self, line: Line) -> bool:
        """Whether the words can stand side by side, near to where they were said."""
        widths = [text_width(_shown(one), _SIZE) + 0.12 for one in line.words]
        high = (line.end - line.start) * self._inches
        if sum(widths) > high:
            return False
        wanted = self._wanted(line)
        placed = spread(wanted, widths, 0.0, high)
        return all(abs(a - b) < 0.35 for a, b in zip(wanted, placed, strict=True))

    def _write_words(self, axes: Axes, line: Line, width: float) -> None:
        if not line.words:
            return
        wanted = self._wanted(line)
        widths = [0.17 if self._upright else text_width(_shown(one), _SIZE) + 0.12 for one in line.words]
        top = self._strips + _GAP
        for one, x, at in zip(line.words, wanted, spread(wanted, widths, 0.0, width), strict=True):
            axes.plot([x, at], [self._strips + 0.02, top - 0.05], color=GREY, linewidth=0.6)
            axes.text(
                at,
                top - 0.02,
                _shown(one),
                ha="center",
                va="top",
                fontsize=_SIZE,
                color=INK,
                rotation=90 if self._upright else 0,
                parse_math=False,
            )


def _shown(one: WordEvidence) -> str:
    return shortened(one.word.word, _LONGEST_WORD)
