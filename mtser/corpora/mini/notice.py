"""What the mini corpus says about itself: ``synthetic.json`` for programs, ``README.txt`` for people."""

import hashlib
import json
import textwrap
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from mtser.corpora.iemocap_release import SYNTHETIC_FILE
from mtser.corpora.mini.dialog import Dialog
from mtser.corpora.mini.espeak import espeak_version
from mtser.files import write_json, write_text

LICENCE = (
    "The sentences and annotations are part of mtser (Apache-2.0). The speech was made by espeak-ng, a program under "
    "GPL-3.0-or-later that runs as a tool and is no part of mtser."
)

README = """The mini corpus of mtser
========================

THE SPEECH IN THIS FOLDER IS SYNTHETIC. Nobody said any of it and nobody felt any of it: the sentences were written
for the purpose, the voices are espeak-ng's, and the "annotators" are random numbers. Numbers measured on it show that
a system works from end to end; they say nothing about people, and are to be called synthetic wherever they appear.

{utterances} utterances of the four classes ({dialogs} dialogs, five sessions, ten voices, {minutes:.0f} min) lie here
as the IEMOCAP release (Busso et al., 2008) lies on disk, irregularities included. Nothing in here is from IEMOCAP.

{licence}
Made by mtser.corpora.mini, content version {version}, with espeak-ng {espeak}.
"""


@cache
def content_version() -> str:
    """A short hash of what determines the corpus: this code, the sentences, phones' names, espeak-ng's version."""
    digest = hashlib.sha256(espeak_version().encode())
    names_of_phones = files("mtser.pronunciation") / "arpabet.py"
    for file in (*sorted(files(__package__).iterdir(), key=lambda file: file.name), names_of_phones):
        if file.name.endswith((".py", ".txt")):
            digest.update(f"{file.name}\n{file.read_text(encoding='utf-8')}".encode())
    return digest.hexdigest()[:12]


def write_notice(root: Path, dialogs: list[Dialog], seconds: float) -> None:
    """Write both files.

    Parameters
    ----------
    root
        The corpus folder.
    dialogs
        All that is in it.
    seconds
        Duration of its audio.
    """
    labels = Counter(turn.label for dialog in dialogs for turn in dialog.turns)
    four_class = sum(labels[label] for label in ("neu", "hap", "exc", "ang", "sad"))
    notice = {
        "name": "mtser mini corpus",
        "synthetic": True,
        "generator": "mtser.corpora.mini",
        "version": content_version(),
        "espeak_ng": espeak_version(),
        "licence": LICENCE,
        "counts": {
            "utterances": labels.total(),
            "utterances_four_classes": four_class,
            "labels": dict(sorted(labels.items())),
            "dialogs": len(dialogs),
            "sessions": len({dialog.session for dialog in dialogs}),
            "speakers": len({turn.speaker for dialog in dialogs for turn in dialog.turns}),
            "seconds": round(seconds, 2),
        },
    }
    text = README.format(
        utterances=four_class,
        minutes=seconds / 60,
        dialogs=len(dialogs),
        licence=textwrap.fill(LICENCE, 118),
        version=content_version(),
        espeak=espeak_version(),
    )
    write_text(root / "README.txt", text)
    write_json(root / SYNTHETIC_FILE, notice)


def read_notice(root: Path) -> dict[str, Any] | None:
    """What ``synthetic.json`` says; None if there is none that can be read."""
    try:
        notice = json.loads((root / SYNTHETIC_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return notice if isinstance(notice, dict) else None
