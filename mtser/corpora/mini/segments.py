"""Times of words (.wdseg) and phones (.phseg) as Sphinx-3's forced aligner writes them."""

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


def phseg(recording: Recording, id: str) -> str | None:
    r"""The .phseg file of a recording: as the .wdseg file, with triphones; None if its phones are not known.

    A row names the phone, those before and behind it, and its place in the word (b, i, e, or s for the only one);
    silences and noises stand alone.

    Example
    -------
    >>> import numpy as np
    >>> words = (("<s>", 0.0), ("no", 0.1), ("</s>", 0.304))
    >>> phones = ((("SIL", 0.0),), (("N", 0.1), ("OW", 0.204)), (("SIL", 0.304),))
    >>> recording = Recording(np.zeros(6400, dtype=np.int16), words, phones)
    >>> for line in phseg(recording, "Ses01F_impro01_F000").splitlines()[1:5]:
    ...     print(" ".join(field for field in line.split() if not field.startswith("-")))
    0 9 SIL
    10 19 N SIL OW b
    20 29 OW N SIL e
    30 39 SIL
    """
    if recording.phones is None:
        return None
    chance = random.Random(f"{id}.phseg")
    n_frames = len(recording.samples) // FRAME
    bounds = [*(round(start * 100) for _, start in recording.words), n_frames]
    spans: list[tuple[int, int, str, str]] = []  # first frame, the one behind the last, phone, place
    for phones, first, after in zip(recording.phones, bounds, bounds[1:], strict=False):
        kept = phones[: after - first]  # each needs a frame
        starts = [first]
        for number, (_, start) in enumerate(kept[1:], start=1):
            starts.append(min(max(round(start * 100), starts[-1] + 1), after - len(kept) + number))
        for number, (phone, _) in enumerate(kept):
            place = "s" if len(kept) == 1 else "b" if number == 0 else "e" if number == len(kept) - 1 else "i"
            spans.append((starts[number], [*starts, after][number + 1], phone, place))
    around = ["SIL", *(phone if phone[0] != "+" else "SIL" for _, _, phone, _ in spans), "SIL"]
    rows = ["\t SFrm  EFrm    SegAScr Phone"]
    total = 0
    for number, (first, after, phone, place) in enumerate(spans):
        score = -round(chance.uniform(6_000, 30_000) * (after - first))
        total += score
        context = "" if phone == "SIL" or phone[0] == "+" else f" {around[number]} {around[number + 2]} {place}"
        rows.append(f"\t{first:5d} {after - 1:5d} {score:11d} {phone}{context}")
    return "\n".join([*rows, f" Total score: {total:11d}"]) + "\n"


def _spelling(word: str, chance: random.Random) -> str:
    if word.startswith(("<", "+")):
        return word
    second = word.upper() in PRONUNCIATIONS and chance.random() < SECOND_PRONUNCIATION
    return word.upper() + "(2)" * second
