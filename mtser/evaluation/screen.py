"""The result as the terminal shows it at the end of a run."""

import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtser.evaluation.report import SYNTHETIC, number, parts_of, spread, title_of

_NAMES = {"wa": "WA", "ua": "UA", "macro_f1": "F1"}
_MEANINGS = {"wa": "accuracy", "ua": "macro recall", "macro_f1": "macro F1"}
FILES = (
    "report.md",
    "metrics.json",
    "predictions.csv",
    "attributes.csv",
    "confusion.png",
    "curves.png",
    "seeds.md",
    "seeds.json",
)


def screen_summary(metrics: Mapping[str, Any], folder: str | Path | None = None, width: int | None = None) -> str:
    """WA and UA with intervals, the confusion matrix, the warnings, and where the files lie.

    Parameters
    ----------
    metrics
        Of :func:`mtser.evaluation.summarise` or :func:`mtser.evaluation.summarise_seeds`.
    folder
        The run folder: those of its files that exist are listed.
    width
        Of the text in characters; default: the terminal's, from 80 to 100.

    Example
    -------
    >>> from mtser.evaluation import Predictions, summarise
    >>> one = Predictions(["u1", "u2"], ["f", "f"], [1, 1], [0, 1], [0, 0], [[0.9, 0.1], [0.6, 0.4]], ("sad", "angry"))
    >>> metrics = summarise(one, {"u1": "A", "u2": "B"}, system="full", corpus="toy", protocol="lospo")
    >>> print(screen_summary(metrics, width=80).splitlines()[1])
     full · toy · lospo · seed 1
    """
    width = width or min(max(shutil.get_terminal_size().columns, 80), 100)
    rule = "-" * width
    lines = [rule, *_wrapped(title_of(metrics), width), rule]
    if metrics["synthetic"]:
        lines += [*_wrapped(SYNTHETIC, width), ""]
    lines += [*_results(metrics), "", *_confusion(metrics, width)]
    if metrics["warnings"]:
        lines += [""] + [line for warning in metrics["warnings"] for line in _wrapped(warning, width, " ! ")]
    if folder is not None:
        found = [name for name in FILES if (Path(folder) / name).is_file()]
        lines += ["", *_wrapped(f"{', '.join(found)} in", width), f" {folder}"]
    return "\n".join([*lines, rule])


def _results(metrics: Mapping[str, Any]) -> list[str]:
    """A line a measure."""
    by_folds = "over_folds" in metrics
    parts, spreads = (parts_of(metrics), metrics["over_folds"]) if by_folds else ("seeds", metrics["over_seeds"])
    n_parts = len(metrics["folds"] if by_folds else metrics["seeds"])
    pooled = metrics["pooled"]
    speakers = f"{metrics['n_speakers']} speaker{'s' * (metrics['n_speakers'] > 1)}"
    over = f"{n_parts} {parts if n_parts > 1 else parts[:-1]}"
    lines = [f"{'':23}{'pooled':<8}{f'95 % over {speakers}':<24}mean ± std over {over}"]
    for name, label in _NAMES.items():
        ends = pooled.get(f"{name}_ci95")
        interval = f"[{number(ends[0])}, {number(ends[1])}]" if ends else ""
        meaning = f"{label}  {_MEANINGS[name]}"
        lines.append(f" {meaning:<22}{number(pooled[name]):<8}{interval:<24}{spread(spreads[name])}")
    skipped = f", {metrics['n_skipped']} skipped" if metrics.get("n_skipped") else ""
    each = f", each with {n_parts} seeds" if parts == "seeds" else ""
    for name, told in metrics.get("attributes", {}).items():
        lines.append(f" {'CCC ' + name:<22}{number(told['ccc']):<8}{'':24}{spread(told)}")
    return [*lines, "", f" {metrics['n_utterances']} utterances tested{each}{skipped}."]


def _confusion(metrics: Mapping[str, Any], width: int) -> list[str]:
    """The matrix of counts; classes whose names do not fit over the columns are numbered."""
    classes, confusion = metrics["classes"], metrics["pooled"]["confusion"]
    recalls = metrics["pooled"]["recall"].values()
    digits = max(len(str(n)) for row in confusion for n in row)
    column = max(digits, max(map(len, classes))) + 2
    corner, label = "true / predicted", max(16, *map(len, classes))
    heads, labels = classes, classes
    if 1 + label + column * len(classes) + 16 > width:
        corner, label, column = "predicted", min(max(9, *(len(name) + 3 for name in classes)), 24), max(digits, 2) + 1
        heads = [str(i) for i in range(1, len(classes) + 1)]
        labels = [f"{i:>2} {name}" for i, name in enumerate(classes, 1)]
    lines = [f" {corner:<{label}}" + "".join(f"{head:>{column}}" for head in heads) + f"{'all':>8}{'recall':>8}"]
    for name, row, recall in zip(labels, confusion, recalls, strict=True):
        counts = "".join(f"{n:>{column}}" for n in row)
        lines.append(f" {name[:label]:<{label}}{counts}{sum(row):>8}{number(recall):>8}")
    return lines


def _wrapped(text: str, width: int, start: str = " ") -> list[str]:
    return textwrap.wrap(text, width, initial_indent=start, subsequent_indent=" " * len(start))
