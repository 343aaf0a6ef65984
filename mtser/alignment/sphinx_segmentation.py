"""Segmentation files of Sphinx-3's forced aligner: .wdseg (words), .phseg (phones), .syseg (syllables)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mtser.alignment.word import Word
from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError, check_order, place_in_audio
from mtser.errors import CorpusError
from mtser.pronunciation.dictionary import without_variant
from mtser.text_files import numbered_lines, read_text

FRAMES_PER_SECOND = 100

_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_SILENCE = re.compile(r"<.*>")  # also <s> and </s>, where the sentence begins and ends
_TAG = re.compile(r"\+\+.*\+\+")


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


def is_tag(word: str) -> bool:
    """Whether an alignment writes something so that is no word: laughter, a breath.

    Example
    -------
    >>> is_tag("++LAUGHTER++"), is_tag("LAUGHTER")
    (True, False)
    """
    return _TAG.fullmatch(word) is not None


def spoken_words(
    rows: Sequence[TimedLabel], duration: float, file: str | Path, *, keep_tags: bool = False
) -> tuple[Word, ...]:
    r"""The words of a .wdseg file, spelled without their number of pronunciation.

    ``<s>``, ``</s>`` and ``<sil>`` are no words, wherever they lie; tags such as ``++LAUGHTER++`` are if ``keep_tags``.

    Parameters
    ----------
    rows
        As :func:`read_segmentation` gives them.
    duration
        Of the audio, in seconds.
    file
        Named in errors.
    keep_tags
        Whether tags stay.

    Raises
    ------
    UnusableAlignmentError
        As :func:`~mtser.alignment.word_times.check_order` and :func:`~mtser.alignment.word_times.place_in_audio`.

    Example
    -------
    >>> rows = parse_segmentation("0 9 -8 <s>\n7 19 -8 THE(2)\n20 29 -8 ++LAUGHTER++", "a.wdseg")
    >>> spoken_words(rows, 0.5, "a.wdseg")
    (Word(word='THE', start=0.07, end=0.2),)
    """
    spoken = [
        replace(row, label=without_variant(row.label))
        for row in rows
        if not _SILENCE.fullmatch(row.label) and (keep_tags or not is_tag(row.label))
    ]
    check_order(spoken, file)
    return place_in_audio(spoken, duration, file)
