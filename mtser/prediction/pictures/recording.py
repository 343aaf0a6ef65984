"""The picture of one recording: sound, words and how much each counted, probabilities, attention between words."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from mtser.inference.recognition import Recognition
from mtser.pictures import save_png, shortened
from mtser.prediction.pictures.attention import draw_maps, place_maps
from mtser.prediction.pictures.canvas import CONTRIBUTION, INK, WIDTH, colour_of, hatch_of
from mtser.prediction.pictures.lines import broken_into_lines
from mtser.prediction.pictures.score import LEFT, RIGHT, Score

MOST_LINES = 14
_HEADER, _WARNING, _BAR = 0.95, 0.2, 0.27  # inches
_SMALLEST_SCALE = 0.05  # of probability: less is not blown up to full colour


def draw_recording(path: str | Path, found: Recognition, samples: np.ndarray) -> Path:
    """Draw what was found in a recording.

    Parameters
    ----------
    path
        Of the PNG.
    found
        Its times count from the start of the recording.
    samples
        float32 ``[samples]``: the sound from ``found.start`` to ``found.end``, at any rate.

    Returns
    -------
    Path
        ``path``.
    """
    all_lines = broken_into_lines(found.words, found.start, found.end)
    lines = all_lines[:MOST_LINES]
    strongest = max((abs(value) for one in found.words for value in one.occlusion.values()), default=0.0)
    scale = Normalize(-max(strongest, _SMALLEST_SCALE), max(strongest, _SMALLEST_SCALE))
    score = Score(found, lines, scale)
    bars = 0.6 + _BAR * len(found.probabilities)
    maps = place_maps(found, LEFT + 3.0, WIDTH - RIGHT, bars)
    warnings = [part for one in found.warnings for part in textwrap.wrap(f"! {one}", 150)]
    if len(lines) < len(all_lines):
        warnings.append(f"! Drawn up to {lines[-1].end:.1f} of {found.end:.1f} s.")
    height = _HEADER + score.height * len(lines) + max(bars, maps.height) + _WARNING * len(warnings) + 0.15
    figure = Figure(figsize=(WIDTH, height))

    def axes_at(left: float, top: float, width: float, tall: float) -> Axes:
        """Axes by inches from the upper left corner."""
        return figure.add_axes((left / WIDTH, 1 - (top + tall) / height, width / WIDTH, tall / height))

    _draw_header(figure, found, height)
    if found.words and any(one.occlusion for one in found.words):
        _draw_scale(axes_at(WIDTH - RIGHT - 3.4, 0.42, 3.0, 0.13), scale, found.emotion)
    top = _HEADER
    for line in lines:
        score.draw(line, _stretch(samples, found, line.start, line.end), axes_at, top)
        top += score.height
    _draw_probabilities(axes_at(LEFT, top + 0.3, 2.2, _BAR * len(found.probabilities)), found)
    draw_maps(maps, axes_at, top)
    top += max(bars, maps.height)
    for i, sentence in enumerate(warnings):
        y = 1 - (top + 0.15 + i * _WARNING) / height
        figure.text(0.15 / WIDTH, y, sentence, fontsize=8.5, color=INK, va="top", parse_math=False)
    return save_png(figure, path)


def _stretch(samples: np.ndarray, found: Recognition, start: float, end: float) -> np.ndarray:
    seconds = max(found.end - found.start, 1e-9)
    first, last = ((at - found.start) / seconds * len(samples) for at in (start, end))
    return samples[int(first) : int(last)]


def _draw_header(figure: Figure, found: Recognition, height: float) -> None:
    name = shortened(Path(found.name).name, 60)
    title = f"{name} · {found.emotion} {found.probability:.2f}" if found.words else name
    x = 0.15 / WIDTH
    figure.text(x, 1 - 0.12 / height, title, fontsize=13, fontweight="bold", va="top", color=INK, parse_math=False)
    by = [f"transcribed by {found.transcribed_by}"] if found.transcribed_by else ["text as given"] if found.text else []
    by += [f"word times by {found.aligned_by}"] if found.aligned_by else []
    told = ", ".join([f"{found.start:.2f}–{found.end:.2f} s", *by]) if found.words else "no words"
    figure.text(x, 1 - 0.42 / height, shortened(told, 95), fontsize=9, va="top", color=INK, parse_math=False)


def _draw_scale(axes: Axes, scale: Normalize, emotion: str) -> None:
    bar = axes.figure.colorbar(ScalarMappable(scale, CONTRIBUTION), cax=axes, orientation="horizontal")
    top = float(scale.vmax or 0.0)
    bar.set_ticks([-top, 0.0, top], labels=[f"−{top:.2f}\nspoke against", "0", f"+{top:.2f}\nspoke for"])
    axes.tick_params(labelsize=7.5, labelcolor=INK, length=2, pad=1)
    bar.outline.set_visible(False)
    axes.set_title(
        f"P({shortened(emotion, 14)}) with the word minus without it", fontsize=8.5, color=INK, pad=3, parse_math=False
    )


def _draw_probabilities(axes: Axes, found: Recognition) -> None:
    names, values = list(found.probabilities), list(found.probabilities.values())
    for i, value in enumerate(values):
        axes.barh(i, value, color=colour_of(i), hatch=hatch_of(i), edgecolor="white", linewidth=0, height=0.7)
        weight = "bold" if found.words and names[i] == found.emotion else "normal"
        axes.text(value + 0.02, i, f"{value:.2f}", va="center", fontsize=8.5, color=INK, fontweight=weight)
    shown = [shortened(name, 14) for name in names]
    axes.set_yticks(range(len(names)), shown, fontsize=8.5, color=INK, parse_math=False)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.set_title("probability", fontsize=9, color=INK, loc="left", pad=4)
