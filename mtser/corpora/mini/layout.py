"""A recorded dialog on disk, where and how the IEMOCAP release has it, with the release's irregularities.

Left out are the dialogs' own audio, video and motion capture, and the syllables (.syseg).
"""

import io
from pathlib import Path

import soundfile

from mtser.corpora.mini.annotators import annotate
from mtser.corpora.mini.dialog import Dialog
from mtser.corpora.mini.recording import SAMPLE_RATE, Recording
from mtser.corpora.mini.segments import phseg, wdseg

GAP = 0.4
"""Seconds between two turns."""
MUMBLED = {
    "Ses01F_impro04": "M: sorry\n",
    "Ses05F_impro07": "Ses05F_impro07_MXX0 [001.1000-001.4000]: Mmhm.\n",
}
"""Lines of a dialog's transcript that are no utterances."""
TWINS = ("Ses03M_impro05a", "Ses04M_script02_1")
"""Dialogs with an AppleDouble twin (``._*``) of some files, as macOS leaves them on foreign disks."""
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(58)


def write_dialog(root: Path, dialog: Dialog, recordings: list[Recording]) -> None:
    """Write a dialog's annotations, transcript, audio and alignments.

    Parameters
    ----------
    root
        The corpus folder.
    dialog
        The dialog.
    recordings
        One a turn, in the turns' order.
    """
    session = root / f"Session{dialog.session}"
    sentences = session / "sentences"
    evaluation = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
    transcript = ""
    start = 1.0
    written = []
    for turn, recording in zip(dialog.turns, recordings, strict=True):
        end = start + recording.seconds
        evaluation += annotate(turn, start, end) + "\n"
        breath = "[BREATHING] " if turn.breath else ""
        transcript += f"{turn.id} [{start:08.4f}-{end:08.4f}]: {breath}{turn.text}\n"
        start = end + GAP
        written.append(_write(sentences / "wav" / dialog.name / f"{turn.id}.wav", _wav(recording)))
        if turn.aligned:
            alignment = sentences / "ForcedAlignment" / dialog.name / f"{turn.id}.wdseg"
            written.append(_write(alignment, wdseg(recording, turn.id).encode()))
            if (phones := phseg(recording, turn.id)) is not None:
                _write(alignment.with_suffix(".phseg"), phones.encode())
    written.append(_write(session / "dialog" / "EmoEvaluation" / f"{dialog.name}.txt", evaluation.encode()))
    transcript += MUMBLED.get(dialog.name, "")
    written.append(_write(session / "dialog" / "transcriptions" / f"{dialog.name}.txt", transcript.encode()))
    if dialog.name in TWINS:
        for path in (*written[:2], *written[-2:]):
            _write(path.with_name(f"._{path.name}"), APPLE_DOUBLE)


def _wav(recording: Recording) -> bytes:
    """In memory first: a full disk is then an OSError like any other, which libsndfile would not tell."""
    file = io.BytesIO()
    soundfile.write(file, recording.samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
