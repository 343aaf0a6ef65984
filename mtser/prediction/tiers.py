"""Predictions as Praat TextGrid files."""

from pathlib import Path

from mtser.alignment.text_grid import write_text_grid
from mtser.prediction.prediction import Prediction

Interval = tuple[float, float, str]


def write_tiers(path: str | Path, found: Prediction) -> Path:
    """Write the words, the emotion and text of each turn, and how much each word counted, as tiers.

    The tiers are "words" (and "phones", if the aligner found them), "emotion", "text", and for each modality
    "contribution NAME": by how much the word raised the probability of its turn's emotion.

    Parameters
    ----------
    path
        Of the TextGrid.
    """
    evidence = [one for turn in found.turns for one in turn.words]
    tiers: dict[str, list[Interval]] = {
        "emotion": [
            (turn.start, turn.end, f"{turn.emotion} {turn.probability:.2f}" if turn.words else "")
            for turn in found.turns
        ],
        "text": [(turn.start, turn.end, " ".join(turn.text.split())) for turn in found.turns],
    }
    for name in sorted({name for one in evidence for name in one.occlusion}):
        tiers[f"contribution {name}"] = [
            (one.word.start, one.word.end, f"{one.occlusion[name]:+.3f}") for one in evidence if name in one.occlusion
        ]
    end = max([found.duration, *(turn.end for turn in found.turns)])
    return write_text_grid(path, [one.word for one in evidence], end, more_tiers=tiers)
