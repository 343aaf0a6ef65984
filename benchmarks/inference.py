"""What recognising a recording costs: each stage, the whole against the recording's length, and the start of a command.

    python benchmarks/inference.py RUN_OR_FOLDER AUDIO TEXT [--rounds 20] [--aligner pocketsphinx]

The model is a run, or a folder that mtser export wrote; the recording some seconds of speech with its text. Stages are
timed in turn, and the figures are medians. The cold start is a process of its own, from the start of Python to the
answer.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mtser.inference import EmotionRecognizer, Recording
from mtser.inference.explanation import explain
from mtser.inference.sound import samples_of

COLD = """
from mtser.inference import EmotionRecognizer
make = EmotionRecognizer.from_run if {run} else EmotionRecognizer.from_pretrained
print(make({model!r}, aligner={aligner!r}).recognize({audio!r}, {text!r}).emotion)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "audio", "text"):
        parser.add_argument(name)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--aligner", default="pocketsphinx")
    options = parser.parse_args()

    run = (Path(options.model) / "hyperparams.yaml").is_file()
    make = EmotionRecognizer.from_run if run else EmotionRecognizer.from_pretrained
    recognizer = make(options.model, aligner=options.aligner)
    recording = Recording(options.audio, options.text)
    recognizer.recognize(recording.audio, recording.text)  # loads what is loaded once

    listener, ensemble = recognizer.listener, recognizer.ensemble
    prepared = recognizer.prepare(recording)
    heard, source = prepared.heard, prepared.source
    spoken = [word.word for word in heard.words]
    utterance = ensemble.utterance(heard, source.ids[0])
    timed = {
        "read": lambda: samples_of(recording),
        "align": lambda: listener.aligner.align(heard.samples, spoken, heard.language),
        "features": lambda: [one.extract(heard.samples) for one in ensemble.extractors],
        "model": lambda: ensemble.probabilities(ensemble.batches([utterance], source)),
        "model with explanation": lambda: explain(ensemble, utterance, source),
        "whole, without explanation": lambda: recognizer.recognize(options.audio, options.text, explain=False),
        "whole": lambda: recognizer.recognize(options.audio, options.text),
    }
    print(f"{heard.seconds:.2f} s, {len(spoken)} words, {len(ensemble.models)} models")
    for name, seconds in in_turn(timed, options.rounds).items():
        print(f"{name:28} {1000 * seconds:8.1f} ms   {seconds / heard.seconds:.4f} x real time")

    script = COLD.format(run=run, model=options.model, aligner=options.aligner, audio=options.audio, text=options.text)
    starts = []
    for _ in range(3):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
        starts.append(time.perf_counter() - begin)
    print(f"{'from a cold start':28} {min(starts):8.2f} s (the fastest of three)")


def in_turn(timed: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median seconds of each, measured in turn."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(rounds):
        for name, call in timed.items():
            begin = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    main()
