"""What mtser predict costs as a whole command: a folder of recordings on several cores, and hours of one recording.

    python benchmarks/predicting.py RUN FOLDER --texts TEXTS.csv
    python benchmarks/predicting.py RUN FOLDER --transcriber pocketsphinx --n 30
    python benchmarks/predicting.py RUN FOLDER --transcriber pocketsphinx --minutes 10,20
    python benchmarks/predicting.py RUN FOLDER --transcriber predicting.Parrot --aligner even --minutes 20,60,120

RUN is a run, or a folder that mtser export wrote; FOLDER has short recordings (RAVDESS, say). With --minutes,
recordings of that length are made of them, with pauses between, and judged turn by turn; else so many of them are
judged as they are. Parrot is no recogniser: with it and even shares of time, hours are judged in minutes, all else
being as it is. Every command is a process of its own, start included. Memory is that of its largest process.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import numpy as np
import soundfile

from mtser.audio import read_audio
from mtser.transcription import Segment, Transcriber, Transcript

RATE = 16000


class Parrot(Transcriber):
    """Hears the same words wherever somebody speaks."""

    name = "parrot"

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        """One segment."""
        return Transcript((Segment(0.0, len(samples) / RATE, "Kids are talking by the door."),), "en", self.name)

    def settings(self) -> dict[str, object]:
        """Nothing can be set."""
        return {"class": "Parrot", "version": 1}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=Path, help="a table with the columns file and text")
    parser.add_argument("--transcriber", default="pocketsphinx")
    parser.add_argument("--aligner", default="pocketsphinx")
    parser.add_argument("--n", default="10,30,100,200", help="recordings (default: 10,30,100,200)")
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--minutes", default="", help="length of long recordings")
    options = parser.parse_args()
    files = sorted(path for path in options.folder.rglob("*") if path.suffix in (".wav", ".flac"))
    jobs = [int(one) for one in options.jobs.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        if options.minutes:
            for minutes in map(float, options.minutes.split(",")):
                path = Path(folder) / f"{minutes:g}_minutes.wav"
                write_long(path, files, minutes)
                for n in jobs:
                    report(f"{minutes:g} minutes", [path], 60 * minutes, n, options, Path(folder))
                path.unlink()
            return
        report("the first alone", files[:1], len(read_audio(files[0])) / RATE, 1, options, Path(folder))
        for number in map(int, options.n.split(",")):
            some = files[:: max(1, len(files) // number)][:number]
            seconds = sum(len(read_audio(path)) for path in some) / RATE
            for n in jobs:
                report(f"{len(some)} recordings", some, seconds, n, options, Path(folder))


def write_long(path: Path, files: list[Path], minutes: float) -> None:
    """One recording of many, with pauses of 0.5 to 3 seconds."""
    random = np.random.default_rng(0)
    left = int(60 * minutes * RATE)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as out:
        for part in cycle(files):
            pause = random.normal(0, 1e-4, int(random.uniform(0.5, 3.0) * RATE))
            samples = np.concatenate([read_audio(part), pause])[:left]
            out.write(samples)
            left -= len(samples)
            if not left:
                return


def report(name: str, files: list[Path], seconds: float, jobs: int, options: argparse.Namespace, folder: Path) -> None:
    """Run the command once and print what it took."""
    command = [sys.executable, "-m", "mtser", "predict", *map(str, files), "--model", options.model, "--json"]
    command += ["--transcriber", options.transcriber, "--aligner", options.aligner, "--jobs", str(jobs)]
    if options.texts:
        command += ["--texts", str(given_texts(options.texts, files, folder / "texts.csv"))]
    with (folder / "answers.jsonl").open("wb") as answers:
        begin = time.perf_counter()
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])  # of Parrot
        environment = {**os.environ, "PYTHONPATH": path}
        process = subprocess.Popen(command, stdout=answers, stderr=subprocess.DEVNULL, env=environment)
        _, _, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - begin
    turns = sum(len(one["turns"]) for one in lines(folder / "answers.jsonl"))
    print(
        f"{name:18} {jobs} at once: {took:7.1f} s, {took / seconds:.3f} x real time, of the processors "
        f"{usage.ru_utime + usage.ru_stime:.1f} s, {usage.ru_maxrss / 1024:.0f} MB, {turns} turns",
        flush=True,
    )


def given_texts(table: Path, files: list[Path], out: Path) -> Path:
    """The rows of these files."""
    names = {path.name for path in files}
    with table.open(encoding="utf-8", newline="") as given, out.open("w", encoding="utf-8", newline="") as kept:
        rows = csv.DictReader(given)
        writer = csv.DictWriter(kept, ["file", "text"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(row for row in rows if Path(row["file"]).name in names)
    return out


def lines(file: Path) -> Iterator[dict]:
    """One answer a line."""
    return map(json.loads, file.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    main()
