"""What three annotators and the speaker find in a turn, as a block of an EmoEvaluation file.

At least two annotators agree on the turn's label, none do where it is "xxx"; sometimes one sees something else,
ticks two categories or leaves a rating blank.
"""

import random

from mtser.corpora.mini.dialog import Turn

CATEGORIES = {
    "neu": "Neutral",
    "hap": "Happiness",
    "exc": "Excited",
    "ang": "Anger",
    "sad": "Sadness",
    "fru": "Frustration",
    "sur": "Surprise",
}
MISTAKEN_FOR = {
    "neu": ("fru", "sad", "hap"),
    "hap": ("exc", "neu", "exc"),
    "exc": ("hap", "sur", "hap"),
    "ang": ("fru", "fru", "neu"),
    "sad": ("neu", "fru", "neu"),
    "fru": ("ang", "neu", "sad"),
    "sur": ("exc", "neu", "hap"),
}
RATINGS = {  # valence, activation, dominance, 1 to 5
    "neu": (3, 2, 3),
    "hap": (4, 3, 3),
    "exc": (4, 4, 3),
    "ang": (2, 4, 4),
    "sad": (2, 2, 2),
    "fru": (2, 3, 3),
    "sur": (3, 4, 3),
    "xxx": (3, 3, 3),
}
ACTIVATION = {"flat": 0, "soft": -1, "bright": 0, "loud": 1}
"""How a delivery shifts the activation."""
DISSENT, TWO_CATEGORIES, BLANK = 0.4, 0.08, 0.04
"""Share of turns with one annotator against two, of votes with two categories, and of blank ratings."""


def annotate(turn: Turn, start: float, end: float) -> str:
    """The block of a turn; the same at every call.

    Parameters
    ----------
    turn
        The turn.
    start, end
        When it is said in its dialog, in seconds.

    Example
    -------
    >>> block = annotate(Turn("Ses01F_impro01_F000", "1F", "sad", "bitter", "soft", "You left."), 1, 2.5)
    >>> print(block.splitlines()[0].expandtabs(2))
    [1.0000 - 2.5000] Ses01F_impro01_F000 sad [1.5000, 1.5000, 2.0000]
    """
    chance = random.Random(turn.id)
    actor = turn.speaker[-1]
    votes = [_ticked(vote, chance) for vote in _votes(turn.label, chance)]
    reported = turn.label if turn.label != "xxx" else chance.choice(list(CATEGORIES))
    ratings = [_rate(turn, chance) for _ in range(3)]
    means = [_mean([one[axis] for one in ratings[:2]]) for axis in range(3)]
    lines = [f"[{start:.4f} - {end:.4f}]\t{turn.id}\t{turn.label}\t[{', '.join(means)}]"]
    lines += [f"C-E{number}:\t{vote}\t()" for number, vote in enumerate(votes, start=2)]
    lines.append(f"C-{actor}1:\t{CATEGORIES[reported]};\t()")
    for annotator, (valence, activation, dominance) in zip(("E3", "E4", f"{actor}1"), ratings, strict=True):
        lines.append(f"A-{annotator}:\tval {valence}; act {activation}; dom  {dominance};\t()")
    return "\n".join(lines) + "\n"


def _votes(label: str, chance: random.Random) -> list[str]:
    if label == "xxx":
        return chance.sample(list(CATEGORIES), 3)
    votes = [label] * 3
    if chance.random() < DISSENT:
        votes[chance.randrange(3)] = chance.choice(MISTAKEN_FOR[label])
    return votes


def _ticked(vote: str, chance: random.Random) -> str:
    ticked = f"{CATEGORIES[vote]};"
    if chance.random() < TWO_CATEGORIES:
        ticked += f" {CATEGORIES[chance.choice(MISTAKEN_FOR[vote])]};"
    return ticked


def _rate(turn: Turn, chance: random.Random) -> list[str]:
    valence, activation, dominance = RATINGS[turn.label]
    expected = (valence, activation + ACTIVATION[turn.delivery], dominance)
    ratings = [str(min(5, max(1, value + chance.choice((-1, 0, 0, 1))))) for value in expected]
    return [rating if chance.random() >= BLANK else "" for rating in ratings]


def _mean(ratings: list[str]) -> str:
    given = [int(rating) for rating in ratings if rating]
    return f"{sum(given) / len(given):.4f}" if given else ""
