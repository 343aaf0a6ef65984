"""Segmentation files of Sphinx-3's forced aligner: .wdseg (words), .phseg (phones), .syseg (syllables)."""

import re
from pathlib import Path

from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError
from mtser.errors import CorpusError
from mtser.text_files import numbered_lines, read_text

FRAMES_PER_SECOND = 100

_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)


def parse_segmentation(text: str, file: str | Path, label_column: int = 3) -> tuple[TimedLabel, ...]:
    r"""Parse a segmentation file.

    Rows hold the first frame, the last frame (*inclusive*: a row spans [first / 100, (last + 1) / 100) seconds), a
    score (absent in .syseg) and the label; a header ``SFrm EFrm ...`` and a last line ``Total score: ...`` may
    surround them.

    Parameters
    ----------
    text
        What the file holds.
    file
        Named in errors.
    label_column
        Where the label starts, counted from 0: it is the rest of the row, so that a triphone stays whole.

    Returns
    -------
    tuple of TimedLabel
        In the order of the file, unchecked (see :func:`~mtser.alignment.word_times.check_order`); none without rows.

    Raises
    ------
    UnusableAlignmentError
        "unreadable alignment row": frames that are no whole numbers, or missing columns.

    Example
    -------
    >>> parse_segmentation("  SFrm EFrm SegAScr Word\n  7 19 -88 WELL(2)\n Total score: -88", "a.wdseg")
    (TimedLabel(label='WELL(2)', start=0.07, end=0.2, line=2),)
    """
    rows = []
    for number, line in numbered_lines(text):
        fields = line.split()
        if fields[0] == "SFrm" or line.startswith("Total score"):
            continue
        if len(fields) <= label_column or not all(_INTEGER.fullmatch(field) for field in fields[:2]):
            raise UnusableAlignmentError("unreadable alignment row", f"{file}:{number}: {line!r}")
        first, last = int(fields[0]), int(fields[1])
        start, end = first / FRAMES_PER_SECOND, (last + 1) / FRAMES_PER_SECOND
        rows.append(TimedLabel(" ".join(fields[label_column:]), start, end, number))
    return tuple(rows)


def read_segmentation(path: Path, shown_as: str | Path, label_column: int = 3) -> tuple[TimedLabel, ...]:
    """Read and parse a segmentation file; errors name it as ``shown_as`` (its path in the corpus).

    Raises
    ------
    UnusableAlignmentError
        "unreadable alignment" if the file cannot be read, else as :func:`parse_segmentation`.
    """
    try:
        text = read_text(path)
    except CorpusError as error:
        raise UnusableAlignmentError("unreadable alignment", str(error)) from error
    return parse_segmentation(text, shown_as, label_column)
