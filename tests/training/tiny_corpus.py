"""A tiny corpus in the layout of IEMOCAP: five sessions of two speakers, four classes, 0.6 s an utterance."""

import zlib
from pathlib import Path

import numpy as np
import soundfile

from tests.corpora.iemocap_writer import IemocapWriter

SENTENCES = {"ang": "STOP IT NOW", "hap": "WHAT A DAY", "sad": "I AM SO ALONE", "neu": "IT IS LATE"}
WORD_FRAMES = 10  # of 10 ms
FIRST_FRAME = 5


def write_tiny_corpus(root: Path, *, per_class: int = 2, sessions: int = 5) -> IemocapWriter:
    """Write the corpus.

    Half of it is improvised, half scripted. A sentence belongs to a session, but for one that is said in each of them.
    """
    writer = IemocapWriter(root)
    for session in range(1, sessions + 1):
        for sex in "FM":
            for number in range(per_class):
                dialog = f"Ses{session:02d}F_{'impro01' if number % 2 == 0 else 'script01_1'}"
                for kind, (label, sentence) in enumerate(SENTENCES.items()):
                    own = "OH" if (label, number) == ("neu", 1) else f"SAID{session}"
                    start = 10.0 * (2 * kind + (sex == "M")) + number
                    add(writer, f"{dialog}_{sex}{10 * kind + number:03d}", label, f"{sentence} {own}", start=start)
    return writer


def add(writer: IemocapWriter, id: str, label: str, sentence: str, *, seed: int = 0, start: float = 0.0) -> str:
    """Write one utterance: a noisy tone, its pitch told by the label."""
    words = sentence.split()
    starts = [FIRST_FRAME + WORD_FRAMES * place for place in range(len(words) + 1)]
    rows = [(0, FIRST_FRAME - 1, "<s>"), *((s, s + WORD_FRAMES - 1, w) for s, w in zip(starts, words, strict=False))]
    writer.add(id, label, text=sentence.capitalize(), rows=rows, seconds=0.6, start=start)
    write_noise(writer.wav(id), 150 + 80 * list(SENTENCES).index(label), seed)
    return id


def write_noise(path: Path, pitch: float, seed: int = 0) -> None:
    """Write 0.6 s of a tone with noise that differs from file to file."""
    random = np.random.default_rng([zlib.crc32(path.name.encode()), seed])
    time = np.arange(9600) / 16_000
    samples = 0.1 * np.sin(2 * np.pi * pitch * time) + 0.05 * random.normal(size=len(time))
    soundfile.write(path, samples, 16_000)
