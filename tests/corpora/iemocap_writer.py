"""A writer of tiny corpora in IEMOCAP's layout, with tones for speech."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

Row = tuple[object, object, str]


def write_tone(path: Path, seconds: float = 1.0) -> None:
    """Write a quiet tone, 16 kHz mono; the suffix decides on the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.1 * np.sin(2 * np.pi * 220 * np.arange(round(16_000 * seconds)) / 16_000)
    soundfile.write(path, samples, 16_000, format=path.suffix[1:].upper())


def wdseg_text(rows: Sequence[Row]) -> str:
    """A .wdseg file as Sphinx-3 writes it."""
    lines = ["\t SFrm  EFrm    SegAScr Word"]
    lines += [f"\t{first:>5} {last:>5} {-488842:>10} {word}" for first, last, word in rows]
    return "\n".join([*lines, " Total score: -2766789", ""])


@dataclass
class Annotated:
    """One turn of an EmoEvaluation file."""

    id: str
    label: str = "neu"
    vad: str = "2.5000, 3.0000, 1.5000"
    ballots: Sequence[Sequence[str]] = (("Neutral",), ("Neutral",), ("Neutral",))
    start: float = 6.2901

    def text(self) -> str:
        lines = [f"[{self.start:.4f} - {self.start + 1.9456:.4f}]\t{self.id}\t{self.label}\t[{self.vad}]"]
        lines += [f"C-E{n}:\t{' '.join(f'{one};' for one in ballot)}\t()" for n, ballot in enumerate(self.ballots, 2)]
        lines += ["C-F1:\tAnger;\t(curious; and: loud)", "A-E3:\tval 3; act 2; dom  ;\t()", "A-F1:\tval 3; act 2;\t()"]
        return "\n".join(lines) + "\n\n"


EVALUATION_HEADER = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"
WORDS: tuple[Row, ...] = ((0, 9, "<s>"), (10, 29, "OH"), (30, 39, "<sil>"), (40, 79, "NO(2)"), (80, 98, "</s>"))


@dataclass
class IemocapWriter:
    """Writes utterances one by one; what is written can be damaged afterwards."""

    root: Path
    encoding: str = "utf-8"
    newline: str = "\n"

    def session(self, id: str) -> Path:
        return self.root / f"Session{int(id[3:5])}"

    def dialog(self, id: str) -> str:
        return id.rsplit("_", 1)[0]

    def evaluation(self, id: str) -> Path:
        return self.session(id) / "dialog" / "EmoEvaluation" / f"{self.dialog(id)}.txt"

    def transcription(self, id: str) -> Path:
        return self.session(id) / "dialog" / "transcriptions" / f"{self.dialog(id)}.txt"

    def wav(self, id: str, suffix: str = ".wav") -> Path:
        return self.session(id) / "sentences" / "wav" / self.dialog(id) / f"{id}{suffix}"

    def wdseg(self, id: str) -> Path:
        return self.session(id) / "sentences" / "ForcedAlignment" / self.dialog(id) / f"{id}.wdseg"

    def append(self, path: Path, text: str, start: str = "") -> None:
        """Append to a text file in this corpus's encoding and line ends."""
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes().decode(self.encoding).replace(self.newline, "\n") if path.exists() else start
        path.write_bytes((before + text).replace("\n", self.newline).encode(self.encoding))

    def add(
        self,
        id: str,
        label: str = "neu",
        *,
        text: str | None = "Oh, no!",
        rows: Sequence[Row] | None = WORDS,
        seconds: float = 1.0,
        suffix: str | None = ".wav",
        **annotation: object,
    ) -> str:
        """Write all files of one utterance; None leaves a file out."""
        self.append(self.evaluation(id), Annotated(id, label, **annotation).text(), EVALUATION_HEADER)  # type: ignore[arg-type]
        if text is not None:
            self.append(self.transcription(id), f"{id} [006.2901-008.2357]: {text}\n")
        if rows is not None:
            self.append(self.wdseg(id), wdseg_text(rows))
        if suffix is not None:
            write_tone(self.wav(id, suffix), seconds)
        return id
