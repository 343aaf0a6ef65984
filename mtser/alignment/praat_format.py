r"""The text format of Praat's TextGrid files, long and short.

Source: the Praat manual, "TextGrid file formats". Read as Praat itself does: numbers, texts in quotes and flags in
angle brackets count, whatever stands between them (``xmin =``, ``intervals [1]:``) does not, so that one reader takes
both formats. praatio, which writes the files, reads them line by line: it loses the rest of a file that was cut off,
and texts such as ``item [1]``, without a word.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError

# A remark begins with "!" and ends with its line; what stands free counts, "[1]:" does not.
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|![^\n]*|(?<!\S)(<\w+>|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!\S)')
# An interval as nearly all files have it, read at once and not token by token, which takes several times as long.
_INTERVAL = re.compile(
    r"\s*(?:intervals \[\d+\]:?\s+)?(?:xmin =\s+)?(?<!\S)(\d{1,9}(?:\.\d+)?)\s+"
    r'(?:xmax =\s+)?(\d{1,9}(?:\.\d+)?)\s+(?:text =\s+)?"([^"]*)"(?!")'
)


@dataclass(frozen=True, slots=True)
class Tier:
    """An interval tier: its name, and its intervals with those that have no label, in the order of the file."""

    name: str
    rows: tuple[TimedLabel, ...]


def parse_text_grid(text: str, file: str | Path) -> tuple[Tier, ...]:
    r"""The interval tiers of a TextGrid file; tiers of points are left out.

    Parameters
    ----------
    text
        What the file holds.
    file
        Named in errors.

    Raises
    ------
    UnusableAlignmentError
        "malformed TextGrid" if it is none, or less is there than it announces.

    Example
    -------
    >>> short = '"ooTextFile"\n"TextGrid"\n0\n1\n<exists>\n1\n"IntervalTier"\n"words"\n0\n1\n1\n0\n1\n"no"'
    >>> parse_text_grid(short, "a.TextGrid")
    (Tier(name='words', rows=(TimedLabel(label='no', start=0.0, end=1.0, line=14),)),)
    """
    return _Reader(text, file).tiers()


class _Reader:
    """Goes through a file from one token to the next."""

    def __init__(self, text: str, file: str | Path) -> None:
        self.text = text
        self.file = file
        self.position = 0
        self.line = 1

    def tiers(self) -> tuple[Tier, ...]:
        if not self.string("a TextGrid").startswith("ooTextFile") or self.string("a TextGrid") != "TextGrid":
            raise self.malformed('it does not begin with "ooTextFile" and "TextGrid"')
        self.number("the start"), self.number("the end")
        if self.next("<exists>")[2] != "<exists>":
            return ()
        found = [self.tier() for _ in range(self.count("tiers"))]
        return tuple(tier for tier in found if tier is not None)

    def tier(self) -> Tier | None:
        kind, name = self.string("a tier's class"), self.string("a tier's name")
        self.number("the tier's start"), self.number("the tier's end")
        n_rows = self.count("intervals")
        if kind == "IntervalTier":
            return Tier(name.strip(), tuple(self.interval() for _ in range(n_rows)))
        if kind != "TextTier":
            raise self.malformed(f"a tier is an {kind!r}, neither IntervalTier nor TextTier")
        for _ in range(n_rows):
            self.number("a point's time"), self.string("a point's label")
        return None

    def interval(self) -> TimedLabel:
        if (usual := _INTERVAL.match(self.text, self.position)) is not None:
            self.line += usual[0].count("\n")
            self.position = usual.end()
            return TimedLabel(" ".join(usual[3].split()), float(usual[1]), float(usual[2]), self.line)
        start, end = self.number("an interval's start"), self.number("an interval's end")
        return TimedLabel(" ".join(self.string("an interval's label").split()), start, end, self.line)

    def next(self, what: str) -> re.Match[str]:
        while (token := _TOKEN.search(self.text, self.position)) is not None:
            self.line += self.text.count("\n", self.position, token.start(0))
            self.position = token.end()
            if token[0][0] != "!":
                return token
        raise self.malformed(f"it ends where {what} is due")

    def string(self, what: str) -> str:
        token = self.next(what)
        if token[1] is None:
            raise self.malformed(f"{token[0]} stands where {what} is due")
        line_after = token[0].count("\n")
        self.line += line_after
        return token[1].replace('""', '"')

    def number(self, what: str) -> float:
        token = self.next(what)
        if token[2] is None or token[2].startswith("<"):
            raise self.malformed(f"{token[0]} stands where {what} is due")
        if not math.isfinite(value := float(token[2])):
            raise self.malformed(f"{token[0]} is no time")
        return value

    def count(self, what: str) -> int:
        value = self.number(f"the number of {what}")
        if value < 0 or value != int(value):
            raise self.malformed(f"{value:g} is no number of {what}")
        return int(value)

    def malformed(self, found: str) -> UnusableAlignmentError:
        return UnusableAlignmentError("malformed TextGrid", f"{self.file}:{self.line}: {found}")
