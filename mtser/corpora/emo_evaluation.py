"""IEMOCAP's EmoEvaluation files: the label, the annotators' votes and the attribute ratings of every turn."""

import math
import re
from dataclasses import dataclass

from mtser.text_files import numbered_lines

_TURN = re.compile(r"\[(?P<span>[^\]]*)\]\s+(?P<id>\S+)\s+(?P<label>[^\s\[]+)\s*(?:\[(?P<vad>[^\]]*)\].*)?")
_BALLOT = re.compile(r"C-E\w*:\s*(?P<categories>[^(]*)")


@dataclass(frozen=True, slots=True)
class Turn:
    """What the annotators found in one turn.

    Parameters
    ----------
    id
        The turn's name.
    label
        The label that most annotators agreed on, in lower case ("neu"; "xxx" without agreement).
    vad
        Valence, activation and dominance, means of the annotators on a scale from 1 to 5, each None if it is blank;
        None if all are.
    ballots
        The categories that each annotator ticked, as the file spells them ("Neutral state"). The actors' own
        reports (C-F1, C-M1) are not votes.
    line
        Its line in the file, counted from 1.
    start
        When it begins in its dialog, in seconds; None if that is no number.
    """

    id: str
    label: str
    vad: tuple[float | None, float | None, float | None] | None
    ballots: tuple[tuple[str, ...], ...]
    line: int
    start: float | None = None


@dataclass(frozen=True, slots=True)
class DamagedTurn:
    """A line that should introduce a turn and cannot be read."""

    line: int
    text: str


def parse_emo_evaluation(text: str) -> tuple[tuple[Turn, ...], tuple[DamagedTurn, ...]]:
    r"""Parse an EmoEvaluation file.

    A turn starts with a line ``[start - end] id label [V, A, D]``; lines ``C-E<n>:`` below it are votes. Anything
    else is passed over: the comment line, self reports, and the single attribute ratings, whose means are V, A, D.

    Returns
    -------
    tuple of Turn
        In the order of the file; names may repeat.
    tuple of DamagedTurn
        Lines starting with ``[`` that are no such line.

    Example
    -------
    >>> text = "[6.29 - 8.23]\tSes01F_impro01_F000\tneu\t[2.5, 2.5, ]\nC-E2:\tNeutral; Anger;\t()\n"
    >>> (turn,), damaged = parse_emo_evaluation(text)
    >>> turn.label, turn.vad, turn.ballots, turn.start
    ('neu', (2.5, 2.5, None), (('Neutral', 'Anger'),), 6.29)
    """
    found: list[tuple[re.Match[str], int, list[tuple[str, ...]]]] = []
    damaged = []
    ballots: list[tuple[str, ...]] = []
    for number, line in numbered_lines(text):
        if line.startswith("["):
            ballots = []  # a fresh list also after a damaged line, whose votes must not go to the turn before it
            if match := _TURN.fullmatch(line):
                found.append((match, number, ballots))
            else:
                damaged.append(DamagedTurn(number, line))
        elif match := _BALLOT.match(line):
            categories = (category.strip() for category in match["categories"].split(";"))
            ballots.append(tuple(category for category in categories if category))
    turns = (
        Turn(
            id=match["id"],
            label=match["label"].lower(),
            vad=_vad(match["vad"] or ""),
            ballots=tuple(filter(None, ballots)),
            line=number,
            start=_number(match["span"].partition("-")[0]),
        )
        for match, number, ballots in found
    )
    return tuple(turns), tuple(damaged)


def _vad(text: str) -> tuple[float | None, float | None, float | None] | None:
    values = [_number(field) for field in text.split(",")]
    if len(values) != 3 or all(value is None for value in values):
        return None
    valence, activation, dominance = values
    return valence, activation, dominance


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
