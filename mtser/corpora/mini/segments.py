"""Word times as Sphinx-3's forced aligner writes them (.wdseg)."""

import random

from mtser.corpora.mini.recording import FRAME, Recording

PRONUNCIATIONS = {"AND", "THE", "TO", "FOR", "YOUR", "A", "WAS"}
"""Words that the aligner's dictionary lists with a second pronunciation."""
SECOND_PRONUNCIATION = 0.3
"""How often the aligner chooses it."""


def wdseg(recording: Recording, id: str) -> str:
    r"""The .wdseg file of a recording: rows that follow each other without gap, end frames inclusive.

    Example
    -------
    >>> import numpy as np
    >>> recording = Recording(np.zeros(6400, dtype=np.int16), (("<s>", 0.0), ("no", 0.1), ("</s>", 0.304)))
    >>> for line in wdseg(recording, "Ses01F_impro01_F000").splitlines()[1:4]:
    ...     print(" ".join(field for field in line.split() if not field.startswith("-")))
    0 9 <s>
    10 29 NO
    30 39 </s>
    """
    chance = random.Random(id)
    n_frames = len(recording.samples) // FRAME
    starts = [round(start * 100) for _, start in recording.words]
    rows = ["\t SFrm  EFrm    SegAScr Word"]
    total = 0
    for (word, _), start, after in zip(recording.words, starts, [*starts[1:], n_frames], strict=True):
        score = -round(chance.uniform(6_000, 30_000) * (after - start))
        total += score
        rows.append(f"\t{start:5d} {after - 1:5d} {score:11d} {_spelling(word, chance)}")
    return "\n".join([*rows, f" Total score: {total:11d}"]) + "\n"


def _spelling(word: str, chance: random.Random) -> str:
    if word.startswith(("<", "+")):
        return word
    second = word.upper() in PRONUNCIATIONS and chance.random() < SECOND_PRONUNCIATION
    return word.upper() + "(2)" * second
