"""Fitting a system without epochs at IEMOCAP's size: seconds and memory.

    python benchmarks/fit.py [hparams/classical.yaml] [--json FILE]

One fold of 5530 utterances of IEMOCAP-like lengths with random features, three fifths of them training part and one
fifth dev part, fitted as a recipe fits it: every strength and every class weight that the YAML has. Random features
have nothing to find, which is no easy case. Fitting takes one thread.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from epoch import N_UTTERANCES, peak_gib
from iemocap_like import CLASSES, NoiseSource, utterances, words_and_frames

from mtser.configuration import Hyperparameters
from mtser.training.classical_fold import run_classical_fold
from mtser.training.data import ModelData
from mtser.training.folds import Fold


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hparams", nargs="?", default=str(Path(__file__).parents[1] / "hparams" / "classical.yaml"))
    parser.add_argument("--json", type=Path, help="write the figures into this file, too")
    options = parser.parse_args()
    figures = measure(options.hparams)
    print(f"{options.hparams}: {figures['total']:.1f} s to fit and choose, {figures['parameters']} parameters")
    print(f"peak memory {figures['peak_gib']:.2f} GiB")
    if options.json:
        options.json.write_text(json.dumps(figures), encoding="utf-8")


def measure(hparams: str) -> dict[str, Any]:
    """Fit one fold; the figures of ``epoch.py`` as far as they exist."""
    spoken = utterances(*words_and_frames(N_UTTERANCES))
    ids = tuple(one.id for one in spoken)
    part = N_UTTERANCES // 5
    fold = Fold("session_1", ids[2 * part :], ids[part : 2 * part], ids[:part])
    objects = Hyperparameters(hparams).build()
    data = ModelData(spoken, CLASSES, objects["max_words"], "cpu")
    source: Any = NoiseSource(spoken)
    with tempfile.TemporaryDirectory() as folder:
        _, summary = run_classical_fold(objects["model"], fold, Path(folder), data, source, classes=CLASSES, seed=1)
    return {
        "total": summary["seconds"],
        "parameters": summary["parameters"],
        "padding": {},
        "peak_gib": peak_gib(),
    }


if __name__ == "__main__":
    main()
