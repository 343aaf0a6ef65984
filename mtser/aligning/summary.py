"""The table and the screen that tell what came of each recording."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mtser.aligning.outcome import Outcome
from mtser.files import write_csv

FILE = "summary.csv"
HEADER = ("file", "status", "reason", "detail", "duration", "words", "real_time_factor", "text_from")


def write_summary(out: Path, outcomes: Sequence[Outcome]) -> Path:
    """Write ``summary.csv``: a line for each recording."""
    rows = []
    for one in outcomes:
        factor = "" if one.seconds is None or not one.duration else f"{one.seconds / one.duration:.4f}"
        row = (one.recording.path, one.status, one.reason, one.detail, f"{one.duration:.3f}", one.words, factor)
        rows.append((*row, one.recording.source))
    return write_csv(out / FILE, HEADER, rows)


def files_with_times(out: Path) -> list[str] | None:
    """The audio files that ``summary.csv`` says have times, as they were given; None if the file is not mtser's."""
    try:
        with (out / FILE).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if tuple(rows.fieldnames or ()) != HEADER:
                return None
            return [row["file"] for row in rows if row["words"] != "0"]
    except (OSError, ValueError, csv.Error):
        return None


def screen(outcomes: Sequence[Outcome], out: Path, aligner: str) -> str:
    """What is shown at the end.

    Parameters
    ----------
    outcomes
        Of all recordings.
    out
        Where the results are.
    aligner
        Its name.
    """
    statuses = Counter(one.status for one in outcomes)
    hours = sum(one.duration for one in outcomes) / 3600
    lines = [
        f"{len(outcomes)} recordings, {hours:.2f} h, {sum(one.words for one in outcomes)} words with times ({aligner})",
        "  " + ", ".join(f"{number} {status}" for status, number in statuses.items()),
    ]
    for reason, number in Counter(one.reason for one in outcomes if one.reason).most_common():
        example = next(one.detail for one in outcomes if one.reason == reason)
        lines.append(f"  {number} x {reason}; the first: {example}")
    timed = [one for one in outcomes if one.seconds is not None and one.duration]
    if timed:
        factor = sum(one.seconds or 0.0 for one in timed) / sum(one.duration for one in timed)
        lines.append(f"  alignment took {factor:.3f} x real time on each core")
    if len(timed) < len(outcomes):
        lines.append(f"  not computed now, because known from before or unusable: {len(outcomes) - len(timed)}")
    lines.append(f"  TextGrids and {FILE} in {out}")
    return "\n".join(lines)
