"""A tiny corpus in the layout of EmoDB: every file different, 0.6 s an utterance."""

from collections.abc import Sequence
from pathlib import Path

from tests.training.tiny_corpus import write_noise

SYLLABLES = ("der", "la", "pen", "liegt", "auf", "dem", "eis", "schrank", ".")


def write_small_emodb(root: Path, speakers: Sequence[str] = ("03", "08", "09", "10"), takes: str = "ab") -> Path:
    """Write the corpus: every speaker says one sentence in the four emotions, once a take."""
    labels = "".join(f"{0.06 * place:.2f}\t{syllable}\n" for place, syllable in enumerate(SYLLABLES, start=1))
    (root / "wav").mkdir(parents=True)
    (root / "silb").mkdir()
    for speaker in speakers:
        for number, letter in enumerate("WFTN"):
            for take in takes:
                name = f"{speaker}a01{letter}{take}"
                write_noise(root / "wav" / f"{name}.wav", 180 + 70 * number)
                (root / "silb" / f"{name}.silb").write_text(labels)
    return root
